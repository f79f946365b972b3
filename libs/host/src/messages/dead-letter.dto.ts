import type { DeadLetter, DeadLetterDetail, DeadLetterFilter, DeadLetterGroup } from '@seam/messaging';
import { text } from '@seam/kernel';
import { z } from 'zod';
import { PageQuery } from '../http/pagination.js';
import { TimeQuery } from '../http/search.js';

/** A message that a service gave up; its data stay in that service's database. */
export const DeadLetterAnswer = z.object({
  messageId: z.string(),
  service: z.string().describe('The service that could not handle it'),
  handler: z.string(),
  type: z.string(),
  source: z.string().describe('The service that sent it'),
  correlationId: z.string(),
  reason: z.string(),
  failure: z.string().describe('The error’s code, or the reason without ids, times and numbers: equal for one cause'),
  attempts: z.int(),
  diedAt: z.iso.datetime(),
});
export type DeadLetterAnswer = z.infer<typeof DeadLetterAnswer>;

export const deadLetterExample: DeadLetterAnswer = {
  messageId: '0198a7c2-5b1e-7c3d-8f6a-2b9d4e1c7a50',
  service: 'letters',
  handler: 'letters/letters.send-letter.v1',
  type: 'letters.send-letter.v1',
  source: 'support',
  correlationId: '9b2f7c11-0a3d-8e54-b6f8-1d2c3b4a5968',
  reason: 'the message does not match its contract: Invalid input: expected string, received number at address',
  failure: 'the message does not match its contract: Invalid input: expected string, received number at address',
  attempts: 1,
  diedAt: '2026-11-22T10:00:00.000Z',
};

/** A dead letter with the complete message, which may have personal data. */
export const DeadLetterDetailAnswer = DeadLetterAnswer.extend({
  message: z
    .looseObject({
      id: z.string(),
      type: z.string(),
      kind: z.enum(['command', 'event', 'reply']),
      source: z.string(),
      target: z.string().optional(),
      correlationId: z.string(),
      causationId: z.string().optional(),
      traceparent: z.string().optional(),
      at: z.string(),
      data: z.unknown(),
    })
    .describe('The message in the form in which it is sent again, addressed only to the service that gave it up'),
  history: z
    .array(z.object({ attempt: z.int(), at: z.iso.datetime(), error: z.string(), code: z.string().optional() }))
    .describe('Its failed attempts, oldest first: the first and the latest ones, as far as they are known'),
});
export type DeadLetterDetailAnswer = z.infer<typeof DeadLetterDetailAnswer>;

export const DeadLetterDetailsAnswer = z.object({
  items: z.array(DeadLetterDetailAnswer).describe('One for each service and handler that gave the message up'),
});
export type DeadLetterDetailsAnswer = z.infer<typeof DeadLetterDetailsAnswer>;

const { messageId: id, type, source, correlationId, reason, diedAt } = deadLetterExample;
export const deadLetterDetailsExample: DeadLetterDetailsAnswer = {
  items: [
    {
      ...deadLetterExample,
      message: {
        id,
        type,
        kind: 'command',
        source,
        target: 'letters',
        correlationId,
        at: diedAt,
        data: { address: 7 },
      },
      history: [{ attempt: 1, at: diedAt, error: reason }],
    },
  ],
};

export const DeadLetterGroupAnswer = z.object({
  service: z.string(),
  type: z.string(),
  handler: z.string(),
  failure: z.string(),
  count: z.int(),
  oldest: z.iso.datetime(),
  newest: z.iso.datetime(),
});
export type DeadLetterGroupAnswer = z.infer<typeof DeadLetterGroupAnswer>;

export const DeadLetterGroupsAnswer = z.object({
  items: z.array(DeadLetterGroupAnswer).describe('Largest first; at most 200 of each service'),
});
export type DeadLetterGroupsAnswer = z.infer<typeof DeadLetterGroupsAnswer>;

const { service, handler, failure } = deadLetterExample;
export const deadLetterGroupsExample: DeadLetterGroupsAnswer = {
  items: [{ service, type, handler, failure, count: 12, oldest: '2026-11-22T08:00:00.000Z', newest: diedAt }],
};

const filter = {
  service: z.string().max(100).optional().describe('Only dead letters of this service'),
  type: text({ max: 200 }).optional().describe('Only messages of this type'),
  handler: text({ max: 200 }).optional(),
  failure: text({ max: 300 }).optional().describe('The failure of a group'),
  reason: text({ max: 300 }).optional().describe('A part of the reason'),
  from: TimeQuery.optional().describe('Given up at this time or later'),
  to: TimeQuery.optional().describe('Given up before this time'),
};

export const DeadLetterQuery = PageQuery.extend(filter);
export type DeadLetterQuery = z.infer<typeof DeadLetterQuery>;

export const DeadLetterGroupQuery = z.strictObject(filter);
export type DeadLetterGroupQuery = z.infer<typeof DeadLetterGroupQuery>;

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

/** The conditions of a query; undefined if it has none, as a service then need not search. */
export function filterOf(query: DeadLetterGroupQuery): DeadLetterFilter | undefined {
  const { type: only, handler: by, failure: of, reason: part, from, to } = query;
  const conditions = { type: only, handler: by, failure: of, reason: part, from, to };
  return Object.values(conditions).some((value) => value !== undefined) ? conditions : undefined;
}

export const deadLetterAnswer = (of: string, letter: DeadLetter): DeadLetterAnswer => ({
  ...letter,
  service: of,
  diedAt: letter.diedAt.toISOString(),
});

export const deadLetterDetailAnswer = (of: string, letter: DeadLetterDetail): DeadLetterDetailAnswer => ({
  ...deadLetterAnswer(of, letter),
  message: { ...letter.message },
  history: [...letter.history],
});

export const deadLetterGroupAnswer = (of: string, group: DeadLetterGroup): DeadLetterGroupAnswer => ({
  ...group,
  service: of,
  oldest: group.oldest.toISOString(),
  newest: group.newest.toISOString(),
});

/** Newest first, across services: as each of them orders its own. */
export function newestFirst(a: DeadLetterAnswer, b: DeadLetterAnswer): number {
  const [left, right] = [a, b].map((letter) => `${letter.diedAt} ${letter.messageId} ${letter.handler}`);
  return String(left) < String(right) ? 1 : -1;
}

/** Largest first, across services. */
export const largestFirst = (a: DeadLetterGroupAnswer, b: DeadLetterGroupAnswer): number =>
  b.count - a.count || (a.newest < b.newest ? 1 : -1);
