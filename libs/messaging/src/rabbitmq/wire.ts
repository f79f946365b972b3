import type { Message } from '@seam/kernel';
import type { ConsumeMessage, Options } from 'amqplib';
import { z } from 'zod';

const Envelope = z.object({
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
  data: z.unknown(),
});

/**
 * What a broker's message carries: the packet of @nestjs/microservices, with our envelope as its data, or the envelopes
 * of several messages that left together.
 */
const Packet = z.object({ pattern: z.string(), data: z.union([Envelope, z.array(Envelope).min(1)]) });
const BUNDLE = 'seam.bundle.v1';

/** How often a message has failed so far, and how it did last: carried while it is put aside. */
export const FAILURES = 'x-seam-failures';
export const REASON = 'x-seam-reason';

/** One or more messages as their receiver takes them from the broker. */
export type Received =
  | { readonly readable: true; readonly messages: readonly Message[]; readonly failures: number }
  | { readonly readable: false; readonly reason: string };

export type Messages = readonly [Message, ...Message[]];

export function encode([message, ...more]: Messages): Buffer {
  const packet =
    more.length === 0 ? { pattern: message.type, data: message } : { pattern: BUNDLE, data: [message, ...more] };
  return Buffer.from(JSON.stringify(packet));
}

export const propertiesOf = ([message, ...more]: Messages, headers: Record<string, unknown> = {}): Options.Publish => ({
  persistent: true,
  contentType: 'application/json',
  messageId: message.id,
  appId: message.source,
  ...(more.length > 0
    ? { type: BUNDLE, headers }
    : {
        type: message.type,
        correlationId: message.correlationId,
        headers: message.traceparent === undefined ? headers : { traceparent: message.traceparent, ...headers },
      }),
});

export function decode({ content, properties }: Pick<ConsumeMessage, 'content' | 'properties'>): Received {
  let json: unknown;
  try {
    json = JSON.parse(content.toString('utf8'));
  } catch (error) {
    return { readable: false, reason: `no JSON: ${(error as Error).message}` };
  }
  const parsed = Packet.safeParse(json);
  if (!parsed.success) return { readable: false, reason: `no message of ours: ${z.prettifyError(parsed.error)}` };
  const failures = (properties.headers ?? {})[FAILURES] as unknown;
  return {
    readable: true,
    messages: [parsed.data.data].flat(),
    failures: typeof failures === 'number' ? failures : 0,
  };
}

/** Why the broker gave a message up, by the header it leaves on it. */
export function deathOf({ properties }: Pick<ConsumeMessage, 'properties'>): string {
  const deaths = (properties.headers ?? {})['x-death'] as unknown as { reason?: string }[] | undefined;
  const reason = deaths?.[0]?.reason ?? 'for no known reason';
  return reason === 'delivery_limit'
    ? 'its handling ended the process, or its connection, each time the broker handed it out'
    : `given up by the broker: ${reason}`;
}
