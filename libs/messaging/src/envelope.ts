import type { Message } from '@seam/kernel';
import { z } from 'zod';
import type { OutboxEntry } from './outbox.js';

/** A message as it is stored and sent; additional fields are kept unchecked. */
export const Envelope = z.object({
  id: z.uuid(),
  type: z.string().min(1),
  kind: z.enum(['command', 'event', 'reply']),
  source: z.string(),
  target: z.string().optional(),
  correlationId: z.string(),
  causationId: z.string().optional(),
  replyTo: z.object({ service: z.string(), context: z.unknown() }).optional(),
  traceparent: z.string().optional(),
  at: z.string(),
  key: z.string().optional(),
  expiresAt: z.iso.datetime().optional(),
  data: z.unknown(),
});

/** The parsed JSON of a text; if it is not JSON, the text itself, which is then no valid message. */
export function jsonIn(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** An entry from its stored form: invalid messages in it are separated, and do not block the others. */
export function entryFrom(id: string, stored: unknown): OutboxEntry {
  if (!Array.isArray(stored)) return { id, messages: [], unreadable: unreadable('not a list of messages', stored) };
  const all = stored as readonly unknown[];
  const broken = all.filter((each) => !Envelope.safeParse(each).success);
  if (broken.length === 0) return { id, messages: all as readonly Message[] };
  const messages = all.filter((each) => !broken.includes(each)) as readonly Message[];
  const reason = `${broken.length} of its ${all.length} messages are invalid: ${z.prettifyError(errorOf(broken[0]))}`;
  return { id, messages, unreadable: unreadable(reason, broken) };
}

const errorOf = (broken: unknown): z.ZodError => Envelope.safeParse(broken).error ?? new z.ZodError([]);

const unreadable = (reason: string, content: unknown): NonNullable<OutboxEntry['unreadable']> => ({
  reason: `a row of the outbox cannot be read: ${reason}`,
  content: JSON.stringify(content ?? null),
});
