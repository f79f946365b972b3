import { Logger } from '@nestjs/common';
import { newId } from '@seam/kernel';
import { messagingCollections } from '@seam/messaging/mongodb';
import type { MongoCollection, MongoDatabase } from '@seam/persistence/mongodb';
import { engine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { emptyCollections, openTestMongo } from '@seam/persistence/testing';
import type { PositionedEvent, RecordedEvent } from '../event-store.js';
import {
  added,
  multiplied,
  MultiplyingTally,
  reset,
  Tally,
  type TallyEvent,
  tallyRow,
  type TallyState,
} from '../testing/tally.js';
import {
  type CheckpointDocument,
  checkpointModel,
  EVENT_ORDER,
  eventCollections,
  type OrderDocument,
  setAsideModel,
} from './collections.js';
import { MongoEventStore } from './mongo-event-store.js';
import { MongoProjector } from './mongo-projector.js';
import { MongoSetAsides } from './mongo-set-asides.js';
import { MongoView } from './mongo-view.js';

const mongo = engine('mongodb');
const collections = [...messagingCollections, ...eventCollections];

(mongo ? describe : describe.skip)('on MongoDB', () => {
  let database: MongoDatabase;
  let store: MongoEventStore;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    database = await openTestMongo(mongo!.url, 'projector', collections);
  });
  beforeEach(async () => {
    await emptyCollections(database, collections);
    for (const name of await database.collectionsNamed('tally_view_')) await database.drop(name);
    store = new MongoEventStore(database);
  });
  afterAll(() => database.close());

  /** A new view object, as each process has its own. */
  const tallies = (): MongoView<TallyState, TallyEvent> =>
    new MongoView(database, {
      name: 'tally_view',
      aggregate: Tally,
      row: ({ sum }) => ({ sum }),
      indexes: [{ name: 'by_sum', key: { sum: 1 } }],
    });
  const projector = (view = tallies(), batch = 3): MongoProjector<TallyState, TallyEvent> =>
    new MongoProjector(new MongoEventStore(database), view, {
      batch,
      rebuildChunk: batch,
      everyMs: 5,
      gatherMs: 1,
      spacingMs: 1,
    });
  const sums = async (): Promise<number[]> =>
    (await tallies().find({ filter: {}, sort: { sum: 1 }, limit: 1_000 })).map(({ sum }) => sum);
  const append = (stream: string, expectedVersion: number, ...ns: number[]): Promise<void> =>
    store.append([{ stream, expectedVersion, events: ns.map(added) }]);
  const aTally = (): string => `tally-${newId()}`;

  describe('a view', () => {
    it('has one row per stream, the same live and rebuilt, for any segments', async () => {
      const live = projector();
      const expected = new Map<string, TallyState>();
      for (let round = 0; round < 5; round += 1) {
        for (const id of ['tally-a', 'tally-b', 'tally-c']) {
          const { sum, events } = expected.get(id) ?? Tally.initial;
          const now = round === 3 ? reset : added(round);
          await store.append([{ stream: id, expectedVersion: events, events: [now] }]);
          expected.set(id, { sum: round === 3 ? 0 : sum + round, events: events + 1 });
        }
        await live.catchUp();
      }
      const rows = (): Promise<TallyState[]> => tallies().find({ filter: {}, sort: { _id: 1 }, limit: 10 });
      expect(await rows()).toEqual([...expected.values()]);
      expect(await live.catchUp()).toBe(0);
      await live.rebuild();
      expect(await rows()).toEqual([...expected.values()]);
    });

    it('sets nothing aside if a rebuild switches generations during a batch', async () => {
      const stream = aTally();
      await append(stream, 0, 1);
      await projector().catchUp();
      await append(stream, 1, 2);
      const overtaken = tallies();
      const { apply } = MongoView.prototype;
      let rebuilt = false;
      overtaken.apply = async function (generation: string, events: readonly RecordedEvent[]) {
        if (!rebuilt) await projector().rebuild();
        rebuilt = true;
        return apply.call(this, generation, events);
      };
      const logs: unknown[] = [];
      Logger.overrideLogger({ log: () => undefined, warn: () => undefined, error: (line: unknown) => logs.push(line) });
      await projector(overtaken).catchUp();
      Logger.overrideLogger(false);
      expect(await sums()).toEqual([3]);
      expect([await database.collection(setAsideModel.name).countDocuments({}), logs]).toEqual([0, []]);
    });

    it('applies each event once, though processes die between rows and checkpoint', async () => {
      const stream = aTally();
      await append(stream, 0, 1, 2);
      for (let n = 0; n < 12; n += 1) await append(n % 3 === 0 ? stream : aTally(), n % 3 === 0 ? 2 + n / 3 : 0, 1);
      const dying = tallies();
      let applied = 0;
      dying.move = () => Promise.reject(new Error('died'));
      const { apply } = MongoView.prototype;
      dying.apply = async function (generation: string, events: readonly RecordedEvent[]) {
        const refused = await apply.call(this, generation, events);
        applied += events.length;
        return refused;
      };
      for (let death = 0; death < 3; death += 1) await expect(projector(dying).catchUp()).rejects.toThrow('died');
      expect(applied).toBe(9);
      expect(await projector().catchUp()).toBe(14);
      expect(await sums()).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 7]);
    });

    it('is updated by several processes at once, while others append', async () => {
      const streams = Array.from({ length: 10 }, aTally);
      const running = [1, 2, 3].map(() => projector());
      for (const one of running) one.start();
      for (let version = 0; version < 10; version += 1)
        await Promise.all(streams.map((stream) => append(stream, version, 1)));
      await eventually(async () => expect(await sums()).toEqual(Array(10).fill(10)), { withinMs: 30_000 });
      await Promise.all(running.map((one) => one.stop()));
      expect(await projector().catchUp()).toBe(0);
    });

    it('refuses to continue after an event that it has not seen', async () => {
      const stream = aTally();
      await append(stream, 0, 1);
      await append(stream, 1, 2);
      const view = tallies();
      const events = await store.readAll('tally', undefined, 10);
      const { generation } = await view.checkpoint();
      expect(await view.apply(generation, events.slice(1))).toMatchObject([{ stream, version: 2 }]);
      await view.apply(generation, events);
      await view.apply(generation, events.slice(0, 1));
      expect(await sums()).toEqual([3]);
    });
  });

  it('reports as its lag the age of events that are not applied', async () => {
    const at = new Date(Date.now() - 90_000).toISOString();
    for (let n = 1; n <= 4; n += 1)
      await store.append([{ stream: aTally(), expectedVersion: 0, events: [{ ...added(n), at }] }]);
    const view = tallies();
    const one = projector(view);
    const { apply } = view;
    let batches = 0;
    view.apply = async (generation, events) => {
      if ((batches += 1) === 2) throw new Error('away');
      return apply.call(view, generation, events);
    };
    await expect(one.catchUp()).rejects.toThrow('away');
    expect(one.behindSeconds).toBeGreaterThan(89);
    await one.catchUp();
    expect(one.behindSeconds).toBeLessThan(5);
  });

  describe('a checkpoint', () => {
    const checkpoints = (): MongoCollection<CheckpointDocument> =>
      database.collection<CheckpointDocument>(checkpointModel.name);

    it('is stored with its position, or without one before the first event, and nothing else', async () => {
      const { generation } = await tallies().checkpoint();
      const stored = (): Promise<unknown> => checkpoints().find().toArray();
      expect(await stored()).toEqual([{ _id: 'tally_view', generation }]);
      await append(aTally(), 0, 1);
      await projector().catchUp();
      expect(await stored()).toEqual([{ _id: 'tally_view', generation, position: { tx: '1', seq: '0.0' } }]);
      const view = tallies();
      const later = view.begin();
      expect(await view.switchTo(later, { tx: '2', seq: '3.0' }, await view.checkpoint())).toBe(true);
      expect(await stored()).toEqual([{ _id: 'tally_view', generation: later, position: { tx: '2', seq: '3.0' } }]);
      const without = view.begin();
      expect(await view.switchTo(without, undefined, await view.checkpoint())).toBe(true);
      expect(await stored()).toEqual([{ _id: 'tally_view', generation: without }]);
    });

    it('is made once by several at once, and moved by one of them', async () => {
      const views = Array.from({ length: 8 }, tallies);
      const read = await Promise.all(views.map((view) => view.checkpoint()));
      expect(new Set(read.map(({ generation }) => generation)).size).toBe(1);
      const to = views.map((_, n) => ({ tx: '1', seq: `${n}.0` }));
      await Promise.all(views.map((view, n) => view.move(read[n]!, to[n]!)));
      const [moved, ...others] = await checkpoints().find().toArray();
      expect([others, to]).toEqual([[], expect.arrayContaining([moved!.position])]);
      // As it was read before: another process has moved it.
      await views[0]!.move(read[0]!, { tx: '9', seq: '0.0' });
      expect(await views[0]!.checkpoint()).toEqual(moved);
      await views[0]!.move(moved!, { tx: '9', seq: '0.0' });
      expect(await views[0]!.checkpoint()).toEqual({ ...moved, position: { tx: '9', seq: '0.0' } });
    });
  });

  describe('a stream that is set aside', () => {
    it('loses no event if one process leaves it out while another retries the stream', async () => {
      const stream = aTally();
      await store.append([{ stream, expectedVersion: 0, events: [added(1), multiplied(3)] }]);
      const { generation } = await tallies().checkpoint();
      await projector().catchUp();
      const retrying = new MongoView(database, {
        name: 'tally_view',
        aggregate: MultiplyingTally,
        row: tallyRow,
        indexes: [],
      });
      // Between the write of the rows and the release, another event is appended, and the other process leaves it out.
      const { apply } = MongoView.prototype;
      let rounds = 0;
      retrying.apply = async function (into: string, events: readonly RecordedEvent[]) {
        const refused = await apply.call(this, into, events);
        if ((rounds += 1) === 1) {
          await append(stream, 2, 10);
          await projector().catchUp();
        }
        return refused;
      };
      await projector(retrying).retry([stream]);
      expect(rounds).toBe(2);
      expect(await sums()).toEqual([13]);
      expect(await new MongoSetAsides(database).counts()).toEqual([]);
      expect((await tallies().checkpoint()).generation).toBe(generation);
    });
  });

  describe('rebuilt', () => {
    it('shows the old rows until it is complete, and leaves no old collection behind', async () => {
      await append(aTally(), 0, 1);
      await append(aTally(), 0, 2);
      await projector().catchUp();
      const { generation } = await tallies().checkpoint();
      const view = tallies();
      const during: number[][] = [];
      const { apply } = MongoView.prototype;
      view.apply = async function (into: string, events: readonly RecordedEvent[]) {
        during.push(await sums());
        const refused = await apply.call(this, into, events);
        during.push(await sums());
        return refused;
      };
      expect(await projector(view, 1).rebuild()).toBe(2);
      expect(during).toEqual([1, 2, 3, 4].map(() => [1, 2]));
      expect(await sums()).toEqual([1, 2]);
      const now = (await tallies().checkpoint()).generation;
      expect(now).not.toBe(generation);
      expect(await database.collectionsNamed('tally_view_')).toEqual([`tally_view_${now}`]);
    });

    it('loses no event that is appended and applied meanwhile', async () => {
      const stream = aTally();
      for (let version = 0; version < 8; version += 1) await append(stream, version, 1);
      const live = projector();
      await live.catchUp();
      const view = tallies();
      const { apply } = MongoView.prototype;
      let meanwhile = 8;
      view.apply = async function (into: string, events: readonly RecordedEvent[]) {
        if (meanwhile < 12) {
          await append(stream, meanwhile++, 1);
          await live.catchUp();
        }
        return apply.call(this, into, events);
      };
      await projector(view).rebuild();
      await live.catchUp();
      expect(await sums()).toEqual([meanwhile]);
      expect(meanwhile).toBeGreaterThan(10);
    });

    it('by two operators at once is still correct', async () => {
      for (let n = 0; n < 10; n += 1) await append(aTally(), 0, n);
      const live = projector();
      live.start();
      try {
        const ended = await Promise.allSettled([projector().rebuild(), projector().rebuild()]);
        // The other one may find that there is nothing left to build.
        expect(ended.map(({ status }) => status)).toContain('fulfilled');
        await append(aTally(), 0, 10);
        await eventually(async () => expect(await sums()).toEqual(Array.from({ length: 11 }, (_, n) => n)));
      } finally {
        await live.stop();
      }
    });
  });

  describe('the order of all events', () => {
    it('has a stream’s events in their order, whatever the clocks of the writers say', async () => {
      const stream = aTally();
      const commits = database.collection<{ _id: string }>('commits');
      for (let version = 0; version < 6; version += 1) {
        await append(stream, version, version);
        // Simulates that each commit was made by a process whose clock is behind that of the previous one.
        const commit = (await commits.findOne({ slots: `${stream}@${version + 1}` } as never))!;
        await commits.deleteOne({ _id: commit._id });
        await commits.insertOne({ ...commit, _id: `0000000${9 - version}-0000-7000-8000-000000000000` });
      }
      const read = await store.readAll('tally', undefined, 100);
      expect(read.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('is the same for all processes, however many of them give commits their position', async () => {
      const stores = [1, 2, 3, 4].map(() => new MongoEventStore(database));
      const writing = Promise.all(Array.from({ length: 120 }, () => append(aTally(), 0, 1)));
      let reading = true;
      const readers = stores.map(async (one) => {
        const seen: string[] = [];
        let after: PositionedEvent['position'] | undefined;
        while (reading || seen.length < 120) {
          const events = await one.readAll('tally', after, 7);
          seen.push(...events.map(({ stream }) => stream));
          after = events.at(-1)?.position ?? after;
        }
        return seen;
      });
      await writing;
      reading = false;
      const [first, ...others] = await Promise.all(readers);
      expect(new Set(first).size).toBe(120);
      for (const other of others) expect(other).toEqual(first);
    });

    it('continues after a process has died between writing a segment and unsetting the marks of its commits', async () => {
      for (let n = 0; n < 5; n += 1) await append(aTally(), 0, n);
      const commits = database.collection<{ _id: string }>('commits');
      const unsequenced = await commits.find({ unplaced: true } as never).toArray();
      const segment: OrderDocument = { _id: 1, commits: unsequenced.slice(0, 3).map(({ _id }) => _id) };
      await database.collection<OrderDocument>(EVENT_ORDER).insertOne(segment);
      const read = await store.readAll('tally', undefined, 100);
      expect(read).toHaveLength(5);
      expect(new Set(read.map(({ stream }) => stream)).size).toBe(5);
      expect(await commits.countDocuments({ unplaced: true })).toBe(0);
    });
  });
});
