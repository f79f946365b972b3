import { DeadLetterAnswer, deadLetterExample, pageOf, RedriveAnswer } from '@seam/host';
import { z } from 'zod';

const Unavailable = z
  .array(z.object({ service: z.string(), code: z.string(), reason: z.string() }))
  .describe('The services that did not answer: their dead letters are missing here');

export const DeadLettersAnswer = pageOf(DeadLetterAnswer).extend({ unavailable: Unavailable });
export type DeadLettersAnswer = z.infer<typeof DeadLettersAnswer>;

export const deadLettersExample: DeadLettersAnswer = { items: [deadLetterExample], nextCursor: null, unavailable: [] };

export const RedrivenAnswer = RedriveAnswer.extend({ unavailable: Unavailable });
export type RedrivenAnswer = z.infer<typeof RedrivenAnswer>;
