import { Logger } from '@nestjs/common';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { engine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { startTestServer, TcpProxy } from '@seam/persistence/testing';
import { Consumer } from './consumer.js';
import { ClickHouseRig } from './testing/clickhouse-rig.js';
import { MessagingRig } from './testing/messaging-rig.js';
import { MongoRig } from './testing/mongo-rig.js';
import { deadRelay, NoteKind } from './testing/notes.js';
import { message } from './testing/receiving-rig.js';
import { RedisRig } from './testing/redis-rig.js';
import type { StoreRig } from './testing/store-rig.js';
import { type Work, work } from './work.js';

const IN_FLIGHT = 24;
const note = (text: string): Work => work(NoteKind, text, () => ({ value: text, messages: [] }));

let postgres: EmbeddedPostgres | undefined;
let logged: unknown[];

beforeEach(() => {
  logged = [];
  const keep = (...words: unknown[]): void => void logged.push(words);
  Logger.overrideLogger({ log: () => undefined, warn: keep, error: keep, fatal: keep });
});

afterAll(() => postgres?.stop());

/** The same server, but all its databases are reached through the proxy. */
function through(proxy: TcpProxy, server: EmbeddedPostgres): EmbeddedPostgres {
  const url = (database: string): string => {
    const own = new URL(server.url(database));
    own.host = new URL(proxy.url).host;
    return own.href;
  };
  return { ...server, url };
}

const engines: [string, string | undefined, (proxy: TcpProxy) => Promise<StoreRig>][] = [
  ['PostgreSQL', 'started here', (proxy) => MessagingRig.open(through(proxy, postgres!), 'away')],
  ['MongoDB', engine('mongodb')?.url, ({ url }) => MongoRig.open(url, 'away')],
  ['Redis', engine('redis')?.url, ({ url }) => RedisRig.open(url)],
  ['ClickHouse', engine('clickhouse')?.url, ({ url }) => ClickHouseRig.open(url)],
];

describe.each(engines)('messages whose store is on %s', (name, url, open) => {
  const here = url === undefined ? it.skip : it;
  let proxy: TcpProxy;
  let rig: StoreRig;
  let consumer: Consumer;

  /** Each message has only one attempt: a failure that counts would make it a dead letter. */
  const handle = (texts: readonly string[]): Promise<void>[] =>
    texts.map((text) =>
      consumer.consume(message('test.noted.v1'), { handler: 'test/note', invoke: () => Promise.resolve(note(text)) }),
    );

  beforeAll(async () => {
    if (url === undefined) return;
    if (name === 'PostgreSQL') postgres ??= await startTestServer();
    proxy = await TcpProxy.before(name === 'PostgreSQL' ? postgres!.url('postgres') : url);
    rig = await open(proxy);
    const retries = { attempts: 1, firstDelayMs: 20, longestDelayMs: 200 };
    const committer = rig.committer({ relay: deadRelay });
    consumer = new Consumer({ service: 'test', committer, deadLetters: rig.deadLetters, retries });
  });
  beforeEach(() => (url === undefined ? undefined : rig.clear()));
  afterAll(async () => {
    if (url === undefined) return;
    await rig.close();
    await proxy.close();
  });

  here.each([
    ['frozen', () => proxy.swallowAnswers()],
    ['killed', () => proxy.refuse()],
  ])('which is %s for a while: all wait, none loses its attempt, and no message is logged', async (_, takeAway) => {
    const texts = Array.from({ length: IN_FLIGHT }, (__, n) => `n${n}`);
    takeAway();
    const handled = Promise.all(handle(texts));
    let ended = false;
    void handled.then(() => (ended = true));
    await new Promise((over) => setTimeout(over, 4_000));
    expect(ended).toBe(false);
    proxy.letThrough();
    await handled;
    await eventually(async () => expect((await rig.notes()).sort()).toEqual([...texts].sort()));
    expect([await rig.deadLetters.count(), logged]).toEqual([0, []]);
  });

  here('that are repeated concurrently, and conflict with others, cause no log line', async () => {
    const twice = message('test.noted.v1');
    const again = (): Promise<void> =>
      consumer.consume(twice, { handler: 'test/note', invoke: () => Promise.resolve(note('once')) });
    await Promise.all([...Array.from({ length: IN_FLIGHT }, again), ...handle(['a', 'b'])]);
    await again();
    expect((await rig.notes()).sort()).toEqual(['a', 'b', 'once']);
    expect([await rig.deadLetters.count(), logged]).toEqual([0, []]);
  });
});
