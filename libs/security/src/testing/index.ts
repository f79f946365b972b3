import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JSONWebKeySet } from 'jose';
import { accessTokenProfile, issueAccessToken, type SigningKey } from '../access-token.js';
import type { Caller } from '../caller.js';

/** A key of its own for tests: tokens it signs pass where {@link TestIdentity.jwks} is the source of the keys. */
export interface TestIdentity {
  readonly key: SigningKey;
  readonly jwks: JSONWebKeySet;
  /** An access token for a caller, valid for fifteen minutes from `now` (default: the present). */
  tokenFor(caller: Caller, now?: Date): Promise<string>;
}

export async function testIdentity(): Promise<TestIdentity> {
  const { publicKey, privateKey } = await generateKeyPair(accessTokenProfile.algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const key = { kid, privateKey };
  return {
    key,
    jwks: { keys: [{ ...jwk, kid, alg: accessTokenProfile.algorithm, use: 'sig' }] },
    tokenFor: (caller, now = new Date()) => issueAccessToken(key, caller, { now }),
  };
}
