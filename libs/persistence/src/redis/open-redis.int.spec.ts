import { canStart, ownEngine, type OwnEngine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { Redis } from 'ioredis';
import { StoreAwayError } from '../store-away.js';
import { TcpProxy } from '../testing/index.js';
import { openRedis } from './open-redis.js';

(canStart('redis') ? describe : describe.skip)('a connection to Redis', () => {
  let server: OwnEngine;
  let admin: Redis;
  let log: string[];
  let warnings: string[];

  const open = (url = server.url, waitMs = 20_000): Promise<Redis> =>
    openRedis({ url, name: 'test', waitMs, log: (line) => log.push(line), warn: (line) => warnings.push(line) });
  const refusal = (error: Promise<unknown>): Promise<unknown> => error.catch((reason: unknown) => reason);

  beforeAll(async () => {
    server = await ownEngine('redis');
    admin = new Redis(server.url);
  });
  beforeEach(() => {
    [log, warnings] = [[], []];
  });
  afterAll(async () => {
    admin.disconnect();
    await server.remove();
  });

  const withConfig = async (name: string, value: string, then: () => Promise<void>): Promise<void> => {
    const [, before = ''] = (await admin.config('GET', name)) as string[];
    await admin.config('SET', name, value);
    try {
      await then();
    } finally {
      await admin.config('SET', name, before);
    }
  };

  it('warns about a server that may lose the last second of data, and about no other', async () => {
    await withConfig('appendfsync', 'everysec', async () => {
      (await open()).disconnect();
      expect(warnings).toEqual([expect.stringMatching(/appendfsync everysec.*--appendfsync always/)]);
    });
    warnings = [];
    await withConfig('appendfsync', 'always', async () => {
      (await open()).disconnect();
      expect(warnings).toEqual([]);
    });
  });

  it.each([
    ['appendonly', 'no', /^REDIS_URL: Redis at 127\.0\.0\.1:\d+ has appendonly off.*--appendonly yes$/],
    ['maxmemory-policy', 'allkeys-lru', /^REDIS_URL: .*maxmemory-policy allkeys-lru.*noeviction$/],
  ])('refuses a server with %s %s, which would lose data', async (name, value, message) => {
    await withConfig(name, value, async () => {
      expect(await refusal(open())).toMatchObject({
        code: 'PERSISTENCE.ENGINE_REFUSED',
        message: expect.stringMatching(message),
      });
    });
  });

  it('leaves a connection without answers, and reaches the server on another connection', async () => {
    const proxy = await TcpProxy.before(server.url);
    const redis = await open(proxy.url);
    proxy.swallowAnswers();
    expect(await refusal(redis.get('a'))).toBeInstanceOf(StoreAwayError);
    // The client has reconnected by now, but gets no answer on the new connection either.
    await eventually(() => expect(redis.status).toBe('connect'));
    proxy.letThrough();
    await eventually(() => redis.get('a'), { withinMs: 8_000 });
    // Timers of earlier connections must not end this one.
    let ended = false;
    redis.once('close', () => (ended = true));
    await new Promise((over) => setTimeout(over, 11_000));
    expect([ended, warnings]).toEqual([false, [expect.anything(), expect.anything(), expect.anything()]]);
    redis.disconnect();
    await proxy.close();
  });

  it('assumes durability if the server does not allow the check', async () => {
    await admin.call('ACL', ['SETUSER', 'shy', 'on', '>quiet', '~*', '+@all', '-config']);
    const redis = await open(server.url.replace('redis://', 'redis://shy:quiet@'));
    expect(warnings).toEqual([expect.stringContaining('does not show its settings')]);
    redis.disconnect();
  });

  it('refuses a wrong password at once, and never shows it', async () => {
    await admin.call('ACL', ['SETUSER', 'known', 'on', '>right', '~*', '+@all']);
    const error = await refusal(open(server.url.replace('redis://', 'redis://known:wr0ng@')));
    expect(error).toMatchObject({ code: 'PERSISTENCE.ENGINE_REFUSED' });
    expect(String(error)).toMatch(/REDIS_URL.*the user or the password/);
    expect(String(error)).not.toContain('wr0ng');
  });

  it('refuses at once if a password is missing, or the database does not exist', async () => {
    await withConfig('requirepass', 'secret', async () => {
      expect(String(await refusal(open()))).toMatch(/REDIS_URL.*requires a password/);
    });
    expect(String(await refusal(open(`${server.url}/999`)))).toMatch(/REDIS_URL.*no database of this number/);
  });

  it('waits for an unavailable server, and fails if it stays unavailable', async () => {
    await server.stop();
    expect(await refusal(open(server.url, 300))).toMatchObject({ code: 'PERSISTENCE.ENGINE_AWAY' });
    log = [];
    const opening = open();
    await eventually(() => expect(log).toEqual([expect.stringMatching(/^waiting for Redis at 127/)]));
    await server.start();
    expect(await (await opening).ping()).toBe('PONG');
    (await opening).disconnect();
  });

  it('fails while the server is unavailable, and recovers by itself', async () => {
    const redis = await open();
    await server.kill();
    await expect(redis.ping()).rejects.toThrow();
    await expect(redis.ping()).rejects.toThrow();
    await server.start();
    await eventually(async () => expect(await redis.ping()).toBe('PONG'));
    redis.disconnect();
  });

  it('does not wait for ever for a silent server, nor for its answer to an earlier command', async () => {
    const redis = await open();
    await server.pause();
    const asked = performance.now();
    await expect(redis.set('asked', '1')).rejects.toBeInstanceOf(StoreAwayError);
    expect(performance.now() - asked).toBeLessThan(2_000);
    await server.resume();
    await eventually(async () => expect(await redis.ping()).toBe('PONG'));
    redis.disconnect();
  });
});
