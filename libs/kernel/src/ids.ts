import { createHash } from 'node:crypto';
import { v7 } from 'uuid';
import { z } from 'zod';
import { takeRandom } from './random.js';

let lastMs = 0;
let sequence = 0;

/**
 * A new id: UUID version 7 (RFC 9562), so ids made later sort later and indexes grow at one end; those of one
 * millisecond are ordered by a counter with a random start (6.2, method 1).
 */
export function newId(): string {
  const random = takeRandom(16);
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    sequence = random.readUInt32BE() >>> 1;
  } else {
    sequence += 1;
  }
  return v7({ random, msecs: lastMs, seq: sequence });
}

/** The smallest id that {@link newId} could have made at this time: ids below it are older. */
export function idFloor(time: Date): string {
  const hex = time.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}

/**
 * The id that belongs to these parts, the same every time: it makes a repeated request address the same aggregate.
 * SHA-256 of the parts, each with its length before it (so `a|bc` and `ab|c` differ), cut to a UUID version 8.
 */
export function derivedId(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  const hex = hash.digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** An id from outside, in its stored form: hexadecimal digits in either case (RFC 9562, 4) are the same id. */
export const Id = z.uuid().toLowerCase();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text is a UUID of any version: checked before it reaches a column of that type. */
export const isId = (text: string): boolean => UUID.test(text);
