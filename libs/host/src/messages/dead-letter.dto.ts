import type { DeadLetter } from '@seam/messaging';
import { text } from '@seam/kernel';
import { z } from 'zod';
import { PageQuery } from '../http/pagination.js';

/** A message that a service gave up; its data stay in that service's database. */
export const DeadLetterAnswer = z.object({
  messageId: z.string(),
  service: z.string().describe('The service that could not handle it'),
  handler: z.string(),
  type: z.string(),
  source: z.string().describe('The service that sent it'),
  correlationId: z.string(),
  reason: z.string(),
  attempts: z.int(),
  diedAt: z.iso.datetime(),
});
export type DeadLetterAnswer = z.infer<typeof DeadLetterAnswer>;

export const deadLetterExample: DeadLetterAnswer = {
  messageId: '0198a7c2-5b1e-7c3d-8f6a-2b9d4e1c7a50',
  service: 'letters',
  handler: 'letters/letters.send-letter.v1',
  type: 'letters.send-letter.v1',
  source: 'desk',
  correlationId: '9b2f7c11-0a3d-8e54-b6f8-1d2c3b4a5968',
  reason: 'the message does not match its contract',
  attempts: 1,
  diedAt: '2026-11-22T10:00:00.000Z',
};

export const DeadLetterQuery = PageQuery.extend({
  service: z.string().max(100).optional().describe('Only dead letters of this service'),
});
export type DeadLetterQuery = z.infer<typeof DeadLetterQuery>;

/** Where a page ends: the order of the list, newest first. */
export const DeadLetterPosition = z.object({
  diedAt: z.coerce.date(),
  messageId: z.uuid().lowercase(),
  handler: text({ max: 200 }),
});

export const RedriveAnswer = z.object({
  messageId: z.string(),
  services: z.array(z.string()).describe('The services that had this dead letter, and handle the message again'),
});
export type RedriveAnswer = z.infer<typeof RedriveAnswer>;

export const deadLetterAnswer = (service: string, { diedAt, ...letter }: DeadLetter): DeadLetterAnswer => ({
  ...letter,
  service,
  diedAt: diedAt.toISOString(),
});

/** Newest first, across services: as each of them orders its own. */
export function newestFirst(a: DeadLetterAnswer, b: DeadLetterAnswer): number {
  const [left, right] = [a, b].map(({ diedAt, messageId, handler }) => `${diedAt} ${messageId} ${handler}`);
  return String(left) < String(right) ? 1 : -1;
}
