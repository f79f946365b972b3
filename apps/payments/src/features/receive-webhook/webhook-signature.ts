import { createHmac, timingSafeEqual } from 'node:crypto';

/** A signature older, or newer, than this is refused, so that a recorded request cannot be replayed later. */
const SIGNATURE_LIFETIME_S = 300;

/**
 * The header that goes with a body: `t=<unix seconds>,v1=<hex>`, where v1 is the HMAC-SHA256 of `<t>.` and the raw
 * bytes; the time is signed too, otherwise it could be changed to a newer one.
 */
export const signatureOf = (body: Buffer, secret: string, unixSeconds: number): string =>
  `t=${unixSeconds},v1=${mac(body, secret, unixSeconds).toString('hex')}`;

/**
 * Whether one of the secrets signed these bytes within 300 s of `now`. More than one v1 may be given, and
 * more than one secret, so that a secret can be replaced without an interruption. Compared in constant time.
 */
export function isSigned(body: Buffer, header: string | undefined, secrets: readonly string[], now: Date): boolean {
  const parts = (header ?? '').split(',').map((part) => part.trim());
  const time = parts.map((part) => /^t=(\d{1,12})$/.exec(part)?.[1]).find((value) => value !== undefined);
  if (time === undefined) return false;
  const seconds = Number(time);
  if (Math.abs(now.getTime() / 1_000 - seconds) > SIGNATURE_LIFETIME_S) return false;
  const given = parts.flatMap((part) => /^v1=([0-9a-f]{64})$/.exec(part)?.[1] ?? []).slice(0, 4);
  return secrets.some((secret) => {
    const expected = mac(body, secret, seconds);
    return given.some((hex) => timingSafeEqual(Buffer.from(hex, 'hex'), expected));
  });
}

const mac = (body: Buffer, secret: string, seconds: number): Buffer =>
  createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
