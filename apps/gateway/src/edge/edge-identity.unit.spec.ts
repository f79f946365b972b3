import { LocalVerificationKeys } from '@seam/security';
import { jest } from '@jest/globals';
import { testIdentity, type TestIdentity } from '@seam/security/testing';
import { EdgeIdentity } from './edge-identity.js';

const caller = { userId: 'u1', role: 'customer', email: 'a@b.c' } as const;
let identity: TestIdentity;
let keys: LocalVerificationKeys;
let edge: EdgeIdentity;

beforeEach(async () => {
  identity = await testIdentity();
  keys = new LocalVerificationKeys();
  keys.use(() => Promise.resolve(identity.jwks));
  edge = new EdgeIdentity(keys);
});

afterEach(() => {
  jest.useRealTimers();
});

it('remembers a verified token until it expires', async () => {
  const header = `Bearer ${await identity.tokenFor(caller)}`;
  expect(edge.knows(header)).toBe(false);
  await edge.check(header);
  expect(edge.knows(header)).toBe(true);
  expect(edge.knows(header.replace('Bearer ', 'Basic  '))).toBe(false);
  jest.useFakeTimers({ now: Date.now() + 901_000 });
  expect(edge.knows(header)).toBe(false);
  await expect(edge.check(header)).rejects.toMatchObject({ code: 'AUTH.TOKEN_EXPIRED' });
});

it.each(['Bearer', 'Bearer ', 'Basic abc', 'Bearer a b', 'Bearer abc', ''])('refuses %j', async (header) => {
  expect(edge.knows(header)).toBe(false);
  await expect(edge.check(header)).rejects.toMatchObject({ kind: 'unauthenticated', code: 'AUTH.TOKEN_INVALID' });
});

it('leaves the check to the services while there are no keys, and does not remember such tokens', async () => {
  keys.use(() => Promise.reject(new Error('users is away')));
  const header = `Bearer ${await (await testIdentity()).tokenFor(caller)}`;
  await edge.check(header);
  expect(edge.knows(header)).toBe(false);
});
