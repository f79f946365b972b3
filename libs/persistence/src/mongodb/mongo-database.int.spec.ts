import { StoreAwayError } from '../store-away.js';
import { MongoDatabase } from './mongo-database.js';
import { isDuplicateKey, refusedWrites } from './mongo-errors.js';
import { canStart, engine, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { openTestMongo, TcpProxy } from '../testing/index.js';

const mongo = engine('mongodb');
const lines: string[] = [];
/** The log of an open that was refused, and when. */
const refused = { lines: [] as string[], at: 0 };
const database = `opening_${randomUUID().slice(0, 8)}`;
const options = (url: string, waitMs: number) => ({
  service: 'test',
  database,
  url,
  waitMs,
  collections: [],
  log: (line: string) => void lines.push(line),
});
const open = (url: string, waitMs: number): Promise<MongoDatabase> => MongoDatabase.open(options(url, waitMs));
/** A port of this machine on which nothing listens. */
async function nobodysPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('opening a database', () => {
  it('waits for an unavailable server and logs that, and then fails with an error that says what to do', async () => {
    const url = `mongodb://seam:se%40cret@127.0.0.1:${await nobodysPort()}`;
    lines.length = 0;
    const failing = await open(url, 6_000).catch((error: unknown) => error);
    expect(failing).toMatchObject({
      code: 'PERSISTENCE.ENGINE_AWAY',
      message: expect.stringMatching(/^MONGODB_URL: MongoDB at 127.0.0.1:\d+ did not answer .*correct MONGODB_URL/),
    });
    expect(lines).toEqual([expect.stringMatching(/^waiting for MongoDB at 127.0.0.1:\d+/)]);
    expect(JSON.stringify([String(failing), lines])).not.toMatch(/se(%40|@)cret/);
  });

  it('refuses an invalid URL at once', async () => {
    const started = performance.now();
    const failing = await open('mongodb://user:secret@host:1/?tls=maybe', 60_000).catch((error: unknown) => error);
    expect(failing).toMatchObject({
      code: 'PERSISTENCE.ENGINE_REFUSED',
      message: expect.stringMatching(/^MONGODB_URL: .*the URL cannot be used/),
    });
    expect(String(failing)).not.toContain('secret');
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

(mongo ? describe : describe.skip)('on MongoDB', () => {
  // A server without authentication cannot refuse a user.
  const asks = mongo !== undefined && new URL(mongo.url).username !== '';
  (asks ? it : it.skip)('an unknown user is refused at once, without showing the password', async () => {
    const url = new URL(mongo!.url);
    const strangers = `mongodb://stranger:hunter2@${url.host}`;
    const failing = await open(strangers, 60_000).catch((error: unknown) => error);
    expect(failing).toMatchObject({ code: 'PERSISTENCE.ENGINE_REFUSED', message: expect.stringContaining('password') });
    expect(String(failing)).not.toContain('hunter2');
  });

  it('creates its indexes even if opened repeatedly and by several clients, and refuses a changed one', async () => {
    const things = { name: 'things', indexes: [{ name: 'one_of_a_kind', key: { kind: 1 }, unique: true }] };
    const opened = await Promise.all(
      [1, 2, 3].map(() => MongoDatabase.open({ ...options(mongo!.url, 30_000), collections: [things] })),
    );
    await opened[0]!.collection('things').insertOne({ kind: 'a' });
    await expect(opened[1]!.collection('things').insertOne({ kind: 'a' })).rejects.toThrow(/E11000/);
    const changed = { name: 'things', indexes: [{ name: 'one_of_a_kind', key: { kind: 1 } }] };
    const log = (line: string): void => void refused.lines.push(line);
    const again = MongoDatabase.open({ ...options(mongo!.url, 30_000), collections: [changed], log });
    await expect(again).rejects.toMatchObject({
      code: 'PERSISTENCE.ENGINE_REFUSED',
      message: expect.stringContaining('an index'),
    });
    refused.at = performance.now();
    // The calls are concurrent: another one has dropped the collection already, or is about to.
    await Promise.all(Array.from({ length: 30 }, (_, n) => opened[n % 3]!.drop('things')));
    for (const each of opened) await each.close();
  });

  it('reports which documents of a bulk write were refused; the others are stored', async () => {
    const database = await openTestMongo(mongo!.url, 'errors', [
      { name: 'things', indexes: [{ name: 'once', key: { n: 1 }, unique: true }] },
    ]);
    const things = database.collection<{ _id: string; n: number }>('things');
    const documents = [1, 1, 2, 2, 3].map((n, index) => ({ _id: `${index}`, n }));
    const error = await things.insertMany(documents, { ordered: false }).catch((refused: unknown) => refused);
    expect(refusedWrites(error)).toMatchObject([
      { index: 1, duplicate: true },
      { index: 3, duplicate: true },
    ]);
    expect([isDuplicateKey(error), error instanceof StoreAwayError]).toEqual([true, false]);
    expect(await things.countDocuments()).toBe(3);
    await database.close();
  });

  it('waits for an answer up to its time limit, and no longer', async () => {
    const setup = await openTestMongo(mongo!.url, 'slow', []);
    await setup.collection('slow').insertMany(Array.from({ length: 150 }, (_, n) => ({ n })));
    const fast = await MongoDatabase.open({ ...options(mongo!.url, 30_000), database: setup.name, answerMs: 1_000 });
    const things = fast.collection('slow');
    const sum = { $reduce: { input: { $range: [0, 100_000] }, initialValue: 0, in: { $add: ['$$value', '$$this'] } } };
    const slow = things.aggregate([{ $project: { sum } }, { $sort: { sum: 1 } }]).toArray();
    await expect(slow).rejects.toBeInstanceOf(StoreAwayError);
    // The server may still be busy with the aggregation.
    await eventually(async () => expect(await things.countDocuments({ n: 1 })).toBe(1));
    await eventually(() => setup.drop('slow'));
    await Promise.all([setup.close(), fast.close()]);
  }, 30_000);

  it('treats a broken connection, and a server that is gone, as an outage', async () => {
    const proxy = await TcpProxy.before(mongo!.url);
    const database = await openTestMongo(proxy.url, 'outage', []);
    const things = database.collection('things');
    proxy.swallowAnswers();
    const lost = things.insertMany([{ n: 1 }, { n: 2 }], { ordered: false }).catch((error: unknown) => error);
    while (proxy.swallowed === 0) await new Promise((run) => setImmediate(run));
    proxy.cut();
    expect(await lost).toBeInstanceOf(StoreAwayError);
    await proxy.close();
    const gone = await things.findOne({}).catch((error: unknown) => error);
    expect(gone).toBeInstanceOf(StoreAwayError);
    await database.close();
  }, 30_000);
});

(mongo ? it : it.skip)(
  'does not reconnect a database that was refused',
  async () => {
    // By then, the watch of its heartbeats would have reconnected it.
    await eventually(() => expect(performance.now() - refused.at).toBeGreaterThan(13_000), { withinMs: 20_000 });
    expect(refused.lines).toEqual([]);
  },
  30_000,
);

(canStart('mongodb') ? describe : describe.skip)('a server that starts late', () => {
  let own: OwnEngine;
  beforeAll(async () => {
    own = await ownEngine('mongodb');
    await own.stop();
  });
  afterAll(() => own.remove());

  it('is waited for', async () => {
    lines.length = 0;
    const opening = open(own.url, 60_000);
    while (lines.length === 0) await new Promise((run) => setTimeout(run, 20));
    await own.start();
    const database = await opening;
    await expect(database.answers()).resolves.toBeUndefined();
    await database.close();
  });
});
