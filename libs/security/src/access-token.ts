import { CodedError, newId } from '@seam/kernel';
import { decodeJwt, errors, type CryptoKey, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Caller } from './caller.js';

/**
 * The profile of an access token (RFC 9068), checked completely by every service: only one, asymmetric algorithm is
 * accepted, so neither `none` nor a public key used as an HMAC secret passes (RFC 8725).
 */
export const accessTokenProfile = {
  algorithm: 'EdDSA',
  issuer: 'seam',
  audience: 'seam-api',
  type: 'at+jwt',
  lifetimeSeconds: 900,
} as const;

const Claims = z.object({ sub: z.string().min(1), role: z.string().min(1), email: z.string() });

/** Header parameters by which a token would bring or point to its own key (RFC 8725, 3.10). */
const KEY_BY_TOKEN = ['jku', 'jwk', 'x5u', 'x5c'] as const;

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

export interface IssueOptions {
  readonly now: Date;
  readonly lifetimeSeconds?: number;
}

/** Signs an access token for a caller. */
export const issueAccessToken = (key: SigningKey, caller: Caller, options: IssueOptions): Promise<string> => {
  const issuedAt = Math.floor(options.now.getTime() / 1000);
  return new SignJWT({ role: caller.role, email: caller.email })
    .setProtectedHeader({ alg: accessTokenProfile.algorithm, typ: accessTokenProfile.type, kid: key.kid })
    .setIssuer(accessTokenProfile.issuer)
    .setAudience(accessTokenProfile.audience)
    .setSubject(caller.userId)
    .setJti(newId())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + (options.lifetimeSeconds ?? accessTokenProfile.lifetimeSeconds))
    .sign(key.privateKey);
};

/**
 * The caller of a token. Rejects with `AUTH.TOKEN_EXPIRED`, `AUTH.TOKEN_INVALID`, or `AUTH.KEYS_UNAVAILABLE` if the keys
 * are not available and so the token cannot be checked.
 */
export async function verifyAccessToken(token: string, keys: JWTVerifyGetKey): Promise<Caller> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      algorithms: [accessTokenProfile.algorithm],
      issuer: accessTokenProfile.issuer,
      audience: accessTokenProfile.audience,
      typ: accessTokenProfile.type,
      requiredClaims: ['exp', 'iat', 'jti'],
    });
    if (KEY_BY_TOKEN.some((name) => name in protectedHeader)) throw invalidToken();
    const claims = Claims.safeParse(payload);
    if (!claims.success) throw invalidToken();
    return { userId: claims.data.sub, role: claims.data.role, email: claims.data.email };
  } catch (error) {
    throw asCodedError(error);
  }
}

const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/** The token of an Authorization header. Throws `AUTH.TOKEN_INVALID` if it has another scheme, or none. */
export function bearerToken(header: string): string {
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw invalidToken();
  return token;
}

/** When a token that was verified expires, ms since 1970. */
export const expiryOf = (token: string): number => (decodeJwt(token).exp ?? 0) * 1_000;

const invalidToken = (): CodedError =>
  new CodedError('unauthenticated', 'AUTH.TOKEN_INVALID', 'The access token is not valid');

function asCodedError(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  if (error instanceof errors.JWTExpired) {
    return new CodedError('unauthenticated', 'AUTH.TOKEN_EXPIRED', 'The access token has expired');
  }
  if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)) return invalidToken();
  return new CodedError('unavailable', 'AUTH.KEYS_UNAVAILABLE', 'Access tokens cannot be checked at the moment');
}
