import type { Message } from '@seam/kernel';
import type { ConsumeMessage, Options } from 'amqplib';
import { z } from 'zod';

/** What a broker's message carries: the packet of @nestjs/microservices, with our envelope as its data. */
const Packet = z.object({
  pattern: z.string(),
  data: z.object({
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
  }),
});

/** How often a message has failed so far, and how it did last: carried while it is put aside. */
export const FAILURES = 'x-seam-failures';
export const REASON = 'x-seam-reason';

/** A message as its receiver takes it from the broker. */
export type Received =
  | { readonly readable: true; readonly message: Message; readonly failures: number }
  | { readonly readable: false; readonly reason: string };

export const encode = (message: Message): Buffer =>
  Buffer.from(JSON.stringify({ pattern: message.type, data: message }));

export const propertiesOf = (message: Message, headers: Record<string, unknown> = {}): Options.Publish => ({
  persistent: true,
  contentType: 'application/json',
  messageId: message.id,
  type: message.type,
  appId: message.source,
  correlationId: message.correlationId,
  headers: message.traceparent === undefined ? headers : { traceparent: message.traceparent, ...headers },
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
    message: parsed.data.data,
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
