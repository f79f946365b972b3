import { CodedError } from '@seam/kernel';
import { verifyAccessToken } from './access-token.js';
import { testIdentity } from './testing/index.js';
import { LocalVerificationKeys } from './verification-keys.js';

const caller = { userId: 'u1', role: 'customer', email: 'a@b.c' } as const;

it('loads once, and again for an unknown key, but not for each of many unknown keys', async () => {
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

it('loads again after the source has failed', async () => {
  const identity = await testIdentity();
  const keys = new LocalVerificationKeys();
  const sources = [(): Promise<never> => Promise.reject(new Error('down')), () => Promise.resolve(identity.jwks)];
  keys.use(() => (sources.shift() as () => Promise<typeof identity.jwks>)());
  const verify = async (): Promise<unknown> => verifyAccessToken(await identity.tokenFor(caller), keys.get());
  await expect(verify()).rejects.toMatchObject({ code: 'AUTH.KEYS_UNAVAILABLE' });
  await expect(verify()).resolves.toEqual(caller);
});

describe('while the source does not answer', () => {
  const away = new CodedError('unavailable', 'STORE.UNAVAILABLE', 'away');

  /** Keys that were loaded once while the source answered, and a token whose key they do not contain. */
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

  it('known keys stay in use, also after a token with an unknown one', async () => {
    const { identity, stranger, source, verify } = await loaded();
    source.load = () => Promise.reject(away);
    // It is unknown whether it is valid: at first, and also while the source is not asked again so soon.
    for (let n = 0; n < 2; n += 1) await expect(verify(stranger)).rejects.toMatchObject({ code: 'STORE.UNAVAILABLE' });
    await expect(verify(identity)).resolves.toEqual(caller);
  });

  it('other callers do not wait for the answer about an unknown key', async () => {
    const { identity, stranger, source, verify } = await loaded();
    let giveUp = (_: Error): void => undefined;
    source.load = () => new Promise((_, reject) => (giveUp = reject));
    const unknown = expect(verify(stranger)).rejects.toMatchObject({ code: 'AUTH.KEYS_UNAVAILABLE' });
    await expect(verify(identity)).resolves.toEqual(caller);
    giveUp(new Error('no answer'));
    await unknown;
  });
});

it('an answer that is not a key set does not make a token invalid', async () => {
  const identity = await testIdentity();
  const keys = new LocalVerificationKeys();
  keys.use(() => Promise.resolve({ error: 'what?' } as never));
  const verified = verifyAccessToken(await identity.tokenFor(caller), keys.get());
  await expect(verified).rejects.toMatchObject({ code: 'AUTH.KEYS_UNAVAILABLE' });
});
