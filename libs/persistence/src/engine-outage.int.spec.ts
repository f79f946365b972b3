import { engine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { Database } from './postgres/database.js';
import type { EmbeddedPostgres } from './embedded/start.js';
import { ClickHouseDatabase } from './clickhouse/clickhouse-database.js';
import { openRedis } from './redis/open-redis.js';
import { StoreAwayError } from './store-away.js';
import { createTestDatabase, openTestMongo, startTestServer, TcpProxy } from './testing/index.js';

interface Store {
  read(): Promise<unknown>;
  write(): Promise<unknown>;
  close(): unknown;
}

let postgres: EmbeddedPostgres | undefined;
const warned: string[] = [];
const warn = (line: string): void => void warned.push(line);
const log = (): void => undefined;

async function onPostgres(url: string): Promise<Store> {
  const database = await Database.open({ name: 'test', url, migrations: [], warn });
  await database.query('create table thing (n int)');
  return {
    read: () => database.query('select * from thing'),
    write: () => database.transaction((client) => client.query('insert into thing values (1)')),
    close: () => database.close(),
  };
}

async function onMongo(url: string): Promise<Store> {
  const database = await openTestMongo(url, 'away', [], undefined, warn);
  const things = database.collection<{ n: number }>('thing');
  return {
    read: () => things.find({}).limit(1).toArray(),
    write: () => things.insertOne({ n: 1 }),
    close: () => database.close(),
  };
}

async function onRedis(url: string): Promise<Store> {
  const redis = await openRedis({ url, name: 'test', waitMs: 20_000, log, warn });
  warned.length = 0; // What is logged about its durability.
  return { read: () => redis.get('away'), write: () => redis.set('away', '1'), close: () => redis.disconnect() };
}

async function onClickHouse(url: string): Promise<Store> {
  const tables = ['create table if not exists thing (n UInt8) engine = MergeTree order by n'];
  const database = await ClickHouseDatabase.open({ url, service: 'away', tables, waitMs: 20_000, log, warn });
  return {
    read: () => database.query('select * from thing limit 1'),
    write: () => database.insert('thing', [{ n: 1 }]),
    close: () => database.close(),
  };
}

afterAll(() => postgres?.stop());

describe.each([
  ['PostgreSQL', undefined, onPostgres],
  ['MongoDB', engine('mongodb')?.url, onMongo],
  ['Redis', engine('redis')?.url, onRedis],
  ['ClickHouse', engine('clickhouse')?.url, onClickHouse],
] as const)('%s', (name, url, open) => {
  (name === 'PostgreSQL' || url !== undefined ? it : it.skip).each([
    ['killed', (proxy: TcpProxy) => proxy.refuse()],
    ['frozen', (proxy: TcpProxy) => proxy.swallowAnswers()],
  ])('%s: reads and writes are refused within 2 s, logged in two lines, and served again', async (_, takeAway) => {
    const proxy = await TcpProxy.before(
      url ?? (await createTestDatabase((postgres ??= await startTestServer()), 'away')),
    );
    const store = await open(proxy.url);
    await store.read();
    warned.length = 0;
    takeAway(proxy);
    for (let round = 0; round < 3; round += 1) {
      const asked = performance.now();
      const operations = Array.from({ length: 24 }, (__, n) => (n % 2 === 0 ? store.read() : store.write()));
      const ended = await Promise.allSettled(operations);
      expect(performance.now() - asked).toBeLessThan(2_000);
      for (const one of ended) expect(one).toMatchObject({ status: 'rejected', reason: expect.any(StoreAwayError) });
    }
    await eventually(() => expect(warned).toHaveLength(1));
    proxy.letThrough();
    await eventually(
      async () => {
        await store.write();
        expect(await store.read()).toBeTruthy();
      },
      { withinMs: 20_000 },
    );
    expect(warned).toEqual([
      expect.stringMatching(new RegExp(`^${name} at 127.0.0.1:\\d+ does not answer \\(`)),
      expect.stringMatching(
        new RegExp(`^${name} at 127.0.0.1:\\d+ answers again after [\\d.]+ s; \\d+ operations failed`),
      ),
    ]);
    await store.close();
    await proxy.close();
  });
});
