import type { Message } from '@seam/kernel';
import type { ConsumeMessage, Options } from 'amqplib';
import { z } from 'zod';
import { Envelope } from '../envelope.js';
import { attemptsAsText, attemptsIn, boundedAttempts, type FailedAttempt } from '../failure.js';
import type { Bundle } from './bundler.js';

/**
 * The content of a broker message: the packet of @nestjs/microservices, with one envelope as its data, or the envelopes of
 * several messages that were sent together.
 */
const Packet = z.object({ pattern: z.string(), data: z.union([Envelope, z.array(Envelope).min(1)]) });
const BUNDLE = 'seam.bundle.v1';

/** Headers of a message in a retry queue: how often it has failed so far, and its last failure. */
export const FAILURES = 'x-seam-failures';
export const REASON = 'x-seam-reason';
/** Its failed attempts, as lines of JSON. */
const ATTEMPTS = 'x-seam-attempts';
/** Maximum number of bytes of {@link ATTEMPTS}: all headers must fit into one frame, which may have only 8 KiB. */
const LONGEST_ATTEMPTS = 4_096;
/** How often a message was redelivered before it was settled: after a process had ended, or a connection was lost. */
export const RETURNS = 'x-seam-returns';
/** Headers of a message that is tried alone: how many processes have ended with it, and the one that tries it now. */
export const CRASHES = 'x-seam-crashes';
export const TRIED_BY = 'x-seam-tried-by';

/** The decoded content of a broker message: one or more messages, or why it cannot be read. */
export type Received =
  | { readonly readable: true; readonly messages: readonly Message[] }
  | { readonly readable: false; readonly reason: string };

/** Maximum number of bytes of a sent message, as a receiver gets many at a time. */
export const LONGEST = 1024 * 1024;
/** Maximum number of bytes of a broker message that is decoded: this version sends none that is longer. */
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

/** A header with the first of these attempts and as many of the latest ones as fit. */
export function attemptsHeader(history: readonly FailedAttempt[]): Record<string, string> {
  for (let most = history.length; most > 0; most -= 1) {
    const lines = attemptsAsText(boundedAttempts(history, most)).join('\n');
    if (Buffer.byteLength(lines) <= LONGEST_ATTEMPTS) return { [ATTEMPTS]: lines };
  }
  return {};
}

/** The failed attempts that a message carries; empty for one from a process of an earlier version. */
export function attemptsOf({ properties }: Pick<ConsumeMessage, 'properties'>): readonly FailedAttempt[] {
  const lines: unknown = (properties.headers ?? {})[ATTEMPTS];
  return typeof lines === 'string' ? attemptsIn(lines.split('\n')) : [];
}

/** The value of a counting header; 0 if it is missing. */
export function countIn({ properties }: Pick<ConsumeMessage, 'properties'>, header: string): number {
  const count: unknown = (properties.headers ?? {})[header];
  return typeof count === 'number' ? count : 0;
}
