import {
  DeadLetterActionAnswer,
  deadLetterActionExample,
  DeadLetterAnswer,
  DeadLetterDetailsAnswer,
  deadLetterDetailsExample,
  deadLetterExample,
  DeadLetterGroupsAnswer,
  deadLetterGroupsExample,
  pageOf,
  RedriveAnswer,
} from '@seam/host';
import type { z } from 'zod';
import { UnavailableServices } from '../ask-services.js';

const unavailable = UnavailableServices;

export const DeadLettersAnswer = pageOf(DeadLetterAnswer).extend({ unavailable });
export type DeadLettersAnswer = z.infer<typeof DeadLettersAnswer>;

export const deadLettersExample: DeadLettersAnswer = { items: [deadLetterExample], nextCursor: null, unavailable: [] };

export const GroupsAnswer = DeadLetterGroupsAnswer.extend({ unavailable });
export type GroupsAnswer = z.infer<typeof GroupsAnswer>;

export const groupsExample: GroupsAnswer = { ...deadLetterGroupsExample, unavailable: [] };

export const DetailsAnswer = DeadLetterDetailsAnswer.extend({ unavailable });
export type DetailsAnswer = z.infer<typeof DetailsAnswer>;

export const detailsExample: DetailsAnswer = { ...deadLetterDetailsExample, unavailable: [] };

export const ActionsAnswer = pageOf(DeadLetterActionAnswer).extend({ unavailable });
export type ActionsAnswer = z.infer<typeof ActionsAnswer>;

export const actionsExample: ActionsAnswer = { items: [deadLetterActionExample], nextCursor: null, unavailable: [] };

export const RedrivenAnswer = RedriveAnswer.extend({ unavailable });
export type RedrivenAnswer = z.infer<typeof RedrivenAnswer>;

export const redrivenExample: RedrivenAnswer = {
  messageId: deadLetterExample.messageId,
  services: [deadLetterExample.service],
  unavailable: [],
};
