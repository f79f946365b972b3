import { CodedError } from '@seam/kernel';
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

describe('while the source is away', () => {
  const away = new CodedError('unavailable', 'STORE.UNAVAILABLE', 'away');

  /** Keys that are loaded once from a source that is there, and one whose key it does not have. */
  async function loaded() {
    const [identity, stranger] = [await testIdentity(), await testIdentity()];
    const source = { load: () => Promise.resolve(identity.jwks) };
    const keys = new LocalVerificationKeys();
    keys.use(() => source.load());
    const verify = async (by: typeof identity): Promise<unknown> =>
      verifyAccessToken(await by.tokenFor(caller), keys.get());
    await verify(identity);
    return { identity, stranger, source, verify };
  }

  it('keys that are known serve on, also after a token of one that is not', async () => {
    const { identity, stranger, source, verify } = await loaded();
    source.load = () => Promise.reject(away);
    // Nobody knows whether it is good: neither at first, nor when the source is not asked again so soon.
    for (let n = 0; n < 2; n += 1) await expect(verify(stranger)).rejects.toMatchObject({ code: 'STORE.UNAVAILABLE' });
    await expect(verify(identity)).resolves.toEqual(caller);
  });

  it('nobody else waits for the answer about a key that is not known', async () => {
    const { identity, stranger, source, verify } = await loaded();
    let giveUp = (_: Error): void => undefined;
    source.load = () => new Promise((_, reject) => (giveUp = reject));
    const unknown = expect(verify(stranger)).rejects.toMatchObject({ code: 'AUTH.KEYS_UNAVAILABLE' });
    await expect(verify(identity)).resolves.toEqual(caller);
    giveUp(new Error('no answer'));
    await unknown;
  });
});

it('a source that answers with something else says nothing about a token', async () => {
  const identity = await testIdentity();
  const keys = new LocalVerificationKeys();
  keys.use(() => Promise.resolve({ error: 'what?' } as never));
  const verified = verifyAccessToken(await identity.tokenFor(caller), keys.get());
  await expect(verified).rejects.toMatchObject({ code: 'AUTH.KEYS_UNAVAILABLE' });
});
