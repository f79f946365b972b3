import { text } from '@seam/kernel';
import type { DeadLetterAction } from '@seam/messaging';
import { z } from 'zod';
import { PageQuery } from '../http/pagination.js';
import { deadLetterExample } from './dead-letter.dto.js';

const reason = text({ min: 3, max: 500, lines: true }).describe('Why; it is recorded with the name of the caller');

export const SettleBody = z.strictObject({ reason });
export type SettleBody = z.infer<typeof SettleBody>;

export const settleExample: SettleBody = { reason: 'The address was corrected' };

export const EditBody = z.strictObject({
  reason,
  service: z
    .string()
    .max(100)
    .optional()
    .describe('The service whose dead letter is meant, if several have one of this message'),
  data: z.unknown().describe('The data to send instead; they must match the contract of the message’s handler'),
});
export type EditBody = z.infer<typeof EditBody>;

export const editExample: EditBody = { ...settleExample, data: { address: 'Main Street 7' } };

export const EditAnswer = z.object({
  messageId: z.string(),
  service: z.string(),
  newMessageId: z.string().describe('The message that was sent instead of the original'),
});
export type EditAnswer = z.infer<typeof EditAnswer>;

export const editedExample: EditAnswer = {
  messageId: deadLetterExample.messageId,
  service: deadLetterExample.service,
  newMessageId: '0198a7c9-1f2e-7d3c-9a6b-5c4d3e2f1a0b',
};

export const DeadLetterActionAnswer = z.object({
  id: z.string(),
  service: z.string(),
  action: z.enum(['redriven', 'edited', 'discarded']),
  by: z.string().describe('The id of the member of the staff'),
  reason: z.string(),
  at: z.iso.datetime(),
  messageId: z.string(),
  type: z.string(),
  handlers: z.array(z.string()),
  newMessageId: z.string().optional().describe('What was sent instead of an edited message'),
});
export type DeadLetterActionAnswer = z.infer<typeof DeadLetterActionAnswer>;

export const deadLetterActionExample: DeadLetterActionAnswer = {
  ...{ id: '0198a7c9-1f2e-7d3c-9a6b-5c4d3e2f1a0c', service: deadLetterExample.service, action: 'edited' },
  ...{ by: '6f9b2c1d-4e5a-8b7c-9d0e-1f2a3b4c5d6e', reason: settleExample.reason, at: '2026-11-22T11:00:00.000Z' },
  ...{ messageId: deadLetterExample.messageId, type: deadLetterExample.type, handlers: [deadLetterExample.handler] },
  newMessageId: editedExample.newMessageId,
};

export const DeadLetterActionQuery = PageQuery.extend({
  service: z.string().max(100).optional().describe('Only actions on dead letters of this service'),
});
export type DeadLetterActionQuery = z.infer<typeof DeadLetterActionQuery>;

/** Where a page of actions ends: their ids grow with time. */
export const DeadLetterActionPosition = z.uuid().lowercase();

export const deadLetterActionAnswer = (
  service: string,
  { why, at, replacedBy, handlers, ...action }: DeadLetterAction,
): DeadLetterActionAnswer => ({
  ...action,
  service,
  handlers: [...handlers],
  reason: why,
  at: at.toISOString(),
  ...(replacedBy === undefined ? {} : { newMessageId: replacedBy }),
});

export const latestFirst = (a: DeadLetterActionAnswer, b: DeadLetterActionAnswer): number => (a.id < b.id ? 1 : -1);
