import { newId } from '@seam/kernel';
import type { Committer } from '@seam/messaging';
import { fold } from '../aggregate.js';
import type { EventStore, StreamHistory } from '../event-store.js';
import { eventWork } from '../event-work.js';
import { SnapshotWriter } from '../snapshots.js';
import type { EventWorksRig } from './event-works-rig.js';
import { added, Tally } from './tally.js';

const EVERY = 3;
const withSnapshots = (version: number): typeof Tally => ({ ...Tally, snapshots: { every: EVERY, version } });

/** The guarantees of event works for snapshots; a part of their suite. */
export function describeSnapshots(rigged: () => EventWorksRig): void {
  describe('an aggregate with snapshots', () => {
    let store: EventStore;
    let writer: SnapshotWriter;
    let committer: Committer;
    let id: string;
    beforeEach(() => {
      ({ store } = rigged());
      writer = new SnapshotWriter(store);
      committer = rigged().committer({ snapshots: writer });
      id = newId();
    });

    /** Adds a number; resolves with the sum before it. */
    const add = async (n: number, aggregate = withSnapshots(1), by = committer): Promise<number> => {
      const sum = await by.commit(
        eventWork({ tally: { aggregate, id } }, ({ tally }) => ({ events: { tally: [added(n)] }, value: tally.sum })),
      );
      await writer.idle();
      return sum;
    };
    /** As another process does, whose cache is empty. */
    const addElsewhere = (n: number, aggregate = withSnapshots(1)): Promise<number> =>
      add(n, aggregate, rigged().committer({ snapshots: writer }));
    const stored = async (shape = 1): Promise<StreamHistory> => {
      const stream = `tally-${id}`;
      return (await store.readSince([{ stream, shape }])).get(stream) ?? { events: [] };
    };

    it('has one after every few events, and is read from it', async () => {
      for (let n = 0; n < 7; n += 1) expect(await add(1)).toBe(n);
      const { snapshot, events } = await stored();
      expect(snapshot).toEqual({ version: 6, state: { sum: 6, events: 6 } });
      expect(events.map(({ version }) => version)).toEqual([7]);
      await store.saveSnapshots([{ stream: `tally-${id}`, version: 7, shape: 1, state: { sum: 1_000, events: 7 } }]);
      expect(await addElsewhere(1)).toBe(1_000);
    });

    it('is read from its first event if the snapshot is of another shape, which is then replaced', async () => {
      for (let n = 0; n < 4; n += 1) await add(1);
      await store.saveSnapshots([{ stream: `tally-${id}`, version: 4, shape: 1, state: { sum: 1_000, events: 4 } }]);
      expect(await addElsewhere(1, withSnapshots(2))).toBe(4);
      expect((await stored(2)).snapshot).toMatchObject({ state: { sum: expect.any(Number) } });
      expect((await stored(1)).snapshot).toBeUndefined();
      expect(await addElsewhere(1, withSnapshots(2))).toBe(5);
    });

    it('is read from its first event if the snapshot does not fit the events after it', async () => {
      const stream = `tally-${id}`;
      await store.append([{ stream, expectedVersion: 0, events: [added(1), added(2), added(3)] }]);
      await store.saveSnapshots([{ stream, version: 2, shape: 1, state: null }]);
      expect(await addElsewhere(1)).toBe(6);
      expect((await stored()).snapshot?.state).toMatchObject({ sum: expect.any(Number) });
    });

    it('loses nothing if a process ends, or the store fails, before a snapshot is stored', async () => {
      const writer = new SnapshotWriter({ saveSnapshots: () => Promise.reject(new Error('no room')) });
      const failing = rigged().committer({ snapshots: writer });
      for (let n = 0; n < 5; n += 1) expect(await add(1, withSnapshots(1), failing)).toBe(n);
      await writer.idle();
      expect((await stored()).snapshot).toBeUndefined();
      expect(await addElsewhere(1)).toBe(5);
      expect(await addElsewhere(1)).toBe(6);
      expect((await stored()).snapshot).toMatchObject({ version: expect.any(Number) });
    });

    it('has the right one, however many processes append and store', async () => {
      const others = Array.from({ length: 2 }, () => rigged().committer({ snapshots: writer }));
      const alone = rigged().exclusive === true ? others.slice(0, 1) : others;
      await Promise.all(Array.from({ length: 40 }, (_, n) => add(n, withSnapshots(1), alone[n % alone.length])));
      const { snapshot } = await stored();
      const events = await store.read(`tally-${id}`);
      expect(events).toHaveLength(40);
      expect(snapshot?.version).toBeGreaterThanOrEqual(EVERY);
      expect(snapshot?.state).toEqual(fold(Tally, events.slice(0, snapshot?.version)));
      expect(await addElsewhere(0)).toBe(fold(Tally, events).sum);
    });

    it('is the only one that has any', async () => {
      for (let n = 0; n < 8; n += 1) await add(1, Tally);
      for (const shape of [0, 1]) expect((await stored(shape)).snapshot).toBeUndefined();
    });
  });
}
