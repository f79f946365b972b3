import { verifyAccessToken } from './access-token.js';
import { testIdentity } from './testing/index.js';
import { LocalVerificationKeys } from './verification-keys.js';

const caller = { userId: 'u1', role: 'customer', email: 'a@b.c' } as const;

it('loads once, and again for a key it does not know, but not for every one', async () => {
  const [old, fresh, forger] = [await testIdentity(), await testIdentity(), await testIdentity()];
  let published = old.jwks;
  let loads = 0;
  let now = 0;
  const keys = new LocalVerificationKeys(() => now);
  keys.use(() => {
    loads += 1;
    return Promise.resolve(published);
  });
  const verify = async (identity: typeof old): Promise<unknown> =>
    verifyAccessToken(await identity.tokenFor(caller), keys.get());

  await Promise.all([verify(old), verify(old)]);
  expect(loads).toBe(1);
  published = { keys: [...fresh.jwks.keys, ...old.jwks.keys] };
  await verify(fresh);
  expect(loads).toBe(2);
  await Promise.allSettled([verify(forger), verify(forger)]);
  expect(loads).toBe(2);
  now += 1_000;
  await expect(verify(forger)).rejects.toMatchObject({ code: 'AUTH.TOKEN_INVALID' });
  expect(loads).toBe(3);
});

it('asks again after a source that failed', async () => {
  const identity = await testIdentity();
  const keys = new LocalVerificationKeys();
  const sources = [(): Promise<never> => Promise.reject(new Error('down')), () => Promise.resolve(identity.jwks)];
  keys.use(() => (sources.shift() as () => Promise<typeof identity.jwks>)());
  const verify = async (): Promise<unknown> => verifyAccessToken(await identity.tokenFor(caller), keys.get());
  await expect(verify()).rejects.toMatchObject({ code: 'AUTH.KEYS_UNAVAILABLE' });
  await expect(verify()).resolves.toEqual(caller);
});
