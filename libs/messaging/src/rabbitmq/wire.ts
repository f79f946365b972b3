import type { Message } from '@seam/kernel';
import type { ConsumeMessage, Options } from 'amqplib';
import { z } from 'zod';
import { Envelope } from '../envelope.js';
import type { Bundle } from './bundler.js';

/**
 * What a broker's message carries: the packet of @nestjs/microservices, with our envelope as its data, or the envelopes
 * of several messages that left together.
 */
const Packet = z.object({ pattern: z.string(), data: z.union([Envelope, z.array(Envelope).min(1)]) });
const BUNDLE = 'seam.bundle.v1';

/** How often a message has failed so far, and how it did last: carried while it is put aside. */
export const FAILURES = 'x-seam-failures';
export const REASON = 'x-seam-reason';
/** How often a message has come again before it was settled: by the death of a process, or a lost connection. */
export const RETURNS = 'x-seam-returns';
/** Of a message that is tried alone: how many processes have died of it, and the one that tries it now. */
export const DEATHS = 'x-seam-deaths';
export const TRIED_BY = 'x-seam-tried-by';

/** One or more messages as their receiver takes them from the broker. */
export type Received =
  | { readonly readable: true; readonly messages: readonly Message[] }
  | { readonly readable: false; readonly reason: string };

/** The most bytes of a message that is sent: whoever receives is handed many at a time. */
export const LONGEST = 1024 * 1024;
/** The most bytes of the broker's message that is read at all: above it, it is none that this version has sent. */
export const READABLE = 4 * LONGEST;

export function encode([{ message, json }, ...more]: Bundle): Buffer {
  const list = more.map((each) => `,${each.json}`).join('');
  const [pattern, data] = more.length === 0 ? [message.type, json] : [BUNDLE, `[${json}${list}]`];
  return Buffer.from(`{"pattern":${JSON.stringify(pattern)},"data":${data}}`);
}

export const propertiesOf = (
  [{ message }, ...more]: Bundle,
  headers: Record<string, unknown> = {},
): Options.Publish => ({
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

export function decode({ content }: Pick<ConsumeMessage, 'content'>): Received {
  if (content.length > READABLE) return { readable: false, reason: `too long: ${content.length} bytes` };
  let json: unknown;
  try {
    json = JSON.parse(content.toString('utf8'));
  } catch (error) {
    return { readable: false, reason: `not JSON: ${(error as Error).message}` };
  }
  const parsed = Packet.safeParse(json);
  if (!parsed.success) return { readable: false, reason: `not a message of Seam: ${z.prettifyError(parsed.error)}` };
  return { readable: true, messages: [parsed.data.data].flat() };
}

/** What a header of ours counts; 0 where it is not there. */
export function countIn({ properties }: Pick<ConsumeMessage, 'properties'>, header: string): number {
  const count: unknown = (properties.headers ?? {})[header];
  return typeof count === 'number' ? count : 0;
}
