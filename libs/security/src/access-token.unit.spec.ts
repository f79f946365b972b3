import type { CodedError } from '@seam/kernel';
import {
  base64url,
  createLocalJWKSet,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWTVerifyGetKey,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { issueAccessToken, verifyAccessToken } from './access-token.js';
import { testIdentity, type TestIdentity } from './testing/index.js';

const caller = { userId: 'u1', role: 'customer', email: 'a@b.c' } as const;
const now = new Date();
let identity: TestIdentity;
let keys: JWTVerifyGetKey;

beforeAll(async () => {
  identity = await testIdentity();
  keys = createLocalJWKSet(identity.jwks);
});

const codeOf = (token: string, by = keys): Promise<string> =>
  verifyAccessToken(token, by).then(
    () => 'accepted',
    (error: unknown) => (error as CodedError).code,
  );

/** A token as we issue it, with the changes of a test. */
const forged = (
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
  key: CryptoKey | Uint8Array = identity.key.privateKey,
): Promise<string> => {
  const seconds = Math.floor(now.getTime() / 1000);
  const valid = { iss: 'seam', aud: 'seam-api', sub: 'u1', role: 'customer', email: 'a@b.c', jti: 'j', iat: seconds };
  return new SignJWT({ ...valid, exp: seconds + 60, ...claims })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: identity.key.kid, ...header })
    .sign(key);
};

it('returns the caller that it was issued for', async () => {
  expect(await verifyAccessToken(await identity.tokenFor(caller), keys)).toEqual(caller);
  expect(await codeOf(await forged({}))).toBe('accepted');
});

it('refuses an expired token by a code of its own', async () => {
  const old = await issueAccessToken(identity.key, caller, { now: new Date(now.getTime() - 901_000) });
  expect(await codeOf(old)).toBe('AUTH.TOKEN_EXPIRED');
});

it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['another issuer', { iss: 'someone' }, {}],
  ['another audience', { aud: 'another-api' }, {}],
  ['another type', {}, { typ: 'JWT' }],
  ['no type', {}, { typ: undefined }],
  ['no expiry', { exp: undefined }, {}],
  ['no id', { jti: undefined }, {}],
  ['no subject', { sub: undefined }, {}],
  ['no role', { role: undefined }, {}],
  ['an empty role', { role: '' }, {}],
  ['more than one role', { role: ['customer', 'staff'] }, {}],
  ['a start in the future', { nbf: 99_999_999_999 }, {}],
  ['an unknown key', {}, { kid: 'unknown' }],
  ['the address of a key', {}, { jku: 'https://evil.example/jwks.json' }],
  ['the address of a certificate', {}, { x5u: 'https://evil.example/cert' }],
])('refuses %s', async (_, claims, header) => {
  expect(await codeOf(await forged(claims, header))).toBe('AUTH.TOKEN_INVALID');
});

it('refuses a token that brings its own key', async () => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true });
  const jwk = await exportJWK(publicKey);
  expect(await codeOf(await forged({}, { jwk }, privateKey))).toBe('AUTH.TOKEN_INVALID');
  expect(await codeOf(await forged({}, { jwk }))).toBe('AUTH.TOKEN_INVALID');
});

it('refuses another key under our key id', async () => {
  const { privateKey } = await generateKeyPair('EdDSA');
  expect(await codeOf(await forged({}, {}, privateKey))).toBe('AUTH.TOKEN_INVALID');
});

it('refuses alg none', async () => {
  const token = new UnsecuredJWT({ ...caller, sub: 'u1', jti: 'j', role: 'staff' })
    .setIssuer('seam')
    .setAudience('seam-api')
    .setIssuedAt()
    .setExpirationTime('1h')
    .encode();
  expect(await codeOf(token)).toBe('AUTH.TOKEN_INVALID');
  const [, payload] = (await forged({})).split('.');
  const header = base64url.encode(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: identity.key.kid }));
  expect(await codeOf(`${header}.${payload}.`)).toBe('AUTH.TOKEN_INVALID');
});

it('refuses a signature by the public key taken for an HMAC secret', async () => {
  const secret = new TextEncoder().encode(JSON.stringify(identity.jwks.keys[0]));
  expect(await codeOf(await forged({ role: 'staff' }, { alg: 'HS256' }, secret))).toBe('AUTH.TOKEN_INVALID');
});

it('refuses changed claims, and text that is not a token', async () => {
  const [header, , signature] = (await forged({})).split('.');
  const changed = base64url.encode(JSON.stringify({ sub: 'u2', role: 'staff' }));
  for (const token of [`${header}.${changed}.${signature}`, 'x', 'a.b.c', '']) {
    expect(await codeOf(token)).toBe('AUTH.TOKEN_INVALID');
  }
});

it('cannot check a token while the keys are not available', async () => {
  const down = (): Promise<never> => Promise.reject(new Error('connect ECONNREFUSED'));
  expect(await codeOf(await forged({}), down)).toBe('AUTH.KEYS_UNAVAILABLE');
});
