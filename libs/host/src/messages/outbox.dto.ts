import { z } from 'zod';

export const OutboxQuery = z.strictObject({
  service: z.string().max(100).optional().describe('Only the outbox of this service'),
});
export type OutboxQuery = z.infer<typeof OutboxQuery>;

const Unsent = z.object({
  type: z.string(),
  target: z.string().optional().describe('The receiver; none for an event'),
  count: z.int().describe('At most 10,000 messages of a service are counted'),
  attempts: z.int().describe('The number of attempts of the message that was tried most often'),
  oldest: z.iso.datetime().describe('When the oldest of them was created'),
  reason: z.string().describe('Why the last attempt failed'),
});

/** What one service has to send. */
const OutboxAnswer = z.object({
  service: z.string(),
  waiting: z.int().describe('Messages not yet known to have been received, without those that are delayed'),
  oldestSeconds: z.number().describe('Age of the oldest of them'),
  unsent: z
    .array(Unsent)
    .describe('What the answering process could not send at its last attempt, by type and receiver, most first'),
});
export const OutboxesAnswer = z.object({
  transport: z
    .object({ status: z.enum(['up', 'degraded']), reason: z.string().optional() })
    .describe('The reason if it is degraded; then possibly no message can be sent'),
  items: z.array(OutboxAnswer),
});
export type OutboxesAnswer = z.infer<typeof OutboxesAnswer>;

export const outboxesExample: OutboxesAnswer = {
  transport: { status: 'up' },
  items: [
    {
      ...{ service: 'support', waiting: 3, oldestSeconds: 42.5 },
      unsent: [
        {
          ...{ type: 'letters.send-letter.v1', target: 'letters', count: 3, attempts: 41 },
          ...{ oldest: '2026-11-22T10:00:00.000Z', reason: 'letters is not hosted in this process' },
        },
      ],
    },
  ],
};
