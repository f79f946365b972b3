import { Logger } from '@nestjs/common';
import { eventually } from '@seam/testing';
import type { EventStore } from '../event-store.js';
import type { ProjectorLoop } from '../projector-loop.js';
import { ReadModelRebuild } from '../read-model-rebuild.js';
import type { Rebuilds } from '../rebuilds.js';
import type { SetAsides } from '../set-asides.js';
import { added, multiplied } from './tally.js';

export interface ShadowRig {
  readonly store: EventStore;
  readonly asides: SetAsides;
  readonly readModel: string;
  /** A new object, as each process has its own: three events per batch, and by default per chunk of a rebuild. */
  readonly projector: (rebuildChunk?: number, version?: number) => ProjectorLoop;
  readonly rebuilds: () => Rebuilds;
  /** The sums in the read model, ordered by the tallies' ids. */
  readonly rows: () => Promise<number[]>;
  /** What rebuilds have left in the store beside the live read model. */
  readonly leftovers: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** The guarantees of every adapter of `ShadowReadModel`. */
export function describeShadowReadModels(name: string, open: () => Promise<ShadowRig>): void {
  describe(`${name}: a read model that is rebuilt`, () => {
    let rig: ShadowRig;
    let live: ProjectorLoop;
    const append = (id: string, version: number, ...events: Parameters<EventStore['append']>[0][number]['events']) =>
      rig.store.append([{ stream: `tally-${id}`, expectedVersion: version, events }]);
    const caughtUp = (sums: number[]): Promise<void> =>
      eventually(async () => {
        await live.catchUp();
        expect(await rig.rows()).toEqual(sums);
      });
    const finish = (shadow = live.shadow): Promise<number> =>
      eventually(async () => {
        while (!(await shadow.advance()).caughtUp);
        const events = await shadow.swap();
        if (events === undefined) throw new Error('not swapped yet');
        return events;
      });

    beforeAll(() => Logger.overrideLogger(false));
    beforeEach(async () => {
      rig = await open();
      live = rig.projector();
      for (const id of ['a', 'b', 'c', 'd']) await append(id, 0, added(1), added(2));
      await caughtUp([3, 3, 3, 3]);
    });
    afterEach(() => rig.close());

    it('is read and kept up to date until the new one replaces it', async () => {
      await live.shadow.begin();
      await live.shadow.advance();
      await append('a', 2, added(10));
      await append('e', 0, added(5));
      await caughtUp([13, 3, 3, 3, 5]);
      expect(await live.shadow.progress()).toMatchObject({ events: 3, total: 8 });
      expect(await finish()).toBe(10);
      expect(await rig.rows()).toEqual([13, 3, 3, 3, 5]);
      await append('e', 1, added(1));
      await caughtUp([13, 3, 3, 3, 6]);
      expect(await rig.leftovers()).toEqual([]);
    });

    it('is continued by another process if the first one has died', async () => {
      await live.shadow.begin();
      await live.shadow.advance();
      const other = rig.projector();
      await other.shadow.begin();
      expect(await other.shadow.progress()).toMatchObject({ events: 3 });
      expect(await other.shadow.advance()).toMatchObject({ events: 6 });
      expect(await finish(other.shadow)).toBe(8);
      await caughtUp([3, 3, 3, 3]);
    });

    it('never goes back to an earlier event', async () => {
      await live.shadow.begin();
      while (!(await live.shadow.advance()).caughtUp);
      await append('a', 2, ...Array.from({ length: 30 }, () => added(1)));
      await caughtUp([33, 3, 3, 3]);
      expect(await live.shadow.swap()).toBeUndefined();
      expect(await rig.rows()).toEqual([33, 3, 3, 3]);
      expect(await finish()).toBe(38);
      expect(await rig.rows()).toEqual([33, 3, 3, 3]);
    });

    it('stays as it is if the rebuild is cancelled, by any process, and leaves nothing behind', async () => {
      await live.shadow.begin();
      await live.shadow.advance();
      const other = rig.projector();
      expect(await other.shadow.discard()).toBe(true);
      expect(await other.shadow.discard()).toBe(false);
      await expect(live.shadow.advance()).rejects.toMatchObject({ code: 'READ_MODELS.REBUILD_CANCELLED' });
      await expect(live.shadow.swap()).rejects.toMatchObject({ code: 'READ_MODELS.REBUILD_CANCELLED' });
      expect(await live.shadow.progress()).toBeUndefined();
      expect(await rig.leftovers()).toEqual([]);
      await append('d', 2, added(1));
      await caughtUp([3, 3, 3, 4]);
    });

    it('takes over the set-aside streams of the new one only with its rows', async () => {
      await live.shadow.begin();
      await append('a', 2, multiplied(2), added(9));
      await append('b', 2, added(1));
      while (!(await live.shadow.advance()).caughtUp);
      await eventually(async () => {
        while (!(await live.shadow.advance()).caughtUp);
        expect(await live.shadow.progress()).toMatchObject({ events: 11 });
      });
      expect(await rig.asides.list({ limit: 10 })).toEqual([]);
      expect(await rig.rows()).toEqual([3, 3, 3, 3]);
      await finish();
      expect(await rig.rows()).toEqual([3, 4, 3, 3]);
      const [aside, ...others] = await rig.asides.list({ limit: 10 });
      expect([aside, others]).toMatchObject([{ what: rig.readModel, stream: 'tally-a', position: '3' }, []]);
      await rig.projector().rebuild();
      expect(await rig.asides.list({ limit: 10 })).toMatchObject([{ stream: 'tally-a', position: '3' }]);
    });

    it('answers its readers during the rebuild, with all rows, and also each writer', async () => {
      live.start();
      const reading = new AbortController();
      let reads = 0;
      const readers = [1, 2, 3].map(async () => {
        while (!reading.signal.aborted) {
          expect((await rig.rows()).slice(0, 4)).toEqual([3, 3, 3, 3]);
          reads += 1;
        }
      });
      const writer = (async () => {
        for (let version = 0; !reading.signal.aborted; version += 1) await append('z', version, added(1));
        return (await rig.store.read('tally-z')).length;
      })();
      for (let rebuild = 0; rebuild < 5; rebuild += 1) await rig.projector(500).rebuild();
      reading.abort();
      await Promise.all(readers);
      const written = await writer;
      expect(reads).toBeGreaterThan(10);
      await eventually(async () => expect(await rig.rows()).toEqual([3, 3, 3, 3, written]));
      await live.stop();
    });

    describe('as a whole service', () => {
      const aProcess = (everyMs = 10): ReadModelRebuild =>
        new ReadModelRebuild([rig.projector()], rig.rebuilds(), everyMs);

      it('reports its progress, and the total', async () => {
        await live.shadow.begin();
        await live.shadow.advance();
        await live.shadow.advance();
        expect(await aProcess().progress()).toEqual({
          since: expect.any(Date),
          readModel: rig.readModel,
          events: 6,
          total: 8,
          remainingSeconds: expect.any(Number),
        });
        expect(await aProcess().run()).toBe(8);
        expect(await aProcess().progress()).toBeUndefined();
      });

      it('is continued automatically if no process works on it any more', async () => {
        await live.shadow.begin();
        await live.shadow.advance();
        const next = aProcess();
        next.start();
        await eventually(async () => expect(await next.progress()).toBeUndefined());
        await next.stop();
        expect(await rig.rows()).toEqual([3, 3, 3, 3]);
        expect(await rig.leftovers()).toEqual([]);
      });

      it('ends when its process stops, and is continued by another one', async () => {
        const stopping = aProcess();
        await live.shadow.begin();
        await stopping.stop();
        await expect(stopping.run()).rejects.toMatchObject({ code: 'READ_MODELS.REBUILD_INTERRUPTED' });
        expect(await aProcess().run()).toBe(8);
      });

      it('is rebuilt by itself at the start of a new version, and older processes stop applying events', async () => {
        const next = rig.projector(3, 2);
        expect([await live.shadow.due(), await next.shadow.due()]).toEqual([false, true]);
        const started = new ReadModelRebuild([next], rig.rebuilds(), 10);
        await next.shadow.begin();
        await next.shadow.advance();
        // Meanwhile the version before serves its own, and keeps it up to date.
        await append('a', 2, added(10));
        await caughtUp([13, 3, 3, 3]);
        expect(await live.shadow.due()).toBe(false);
        await expect(live.shadow.begin()).rejects.toMatchObject({ code: 'READ_MODELS.NEWER_VERSION' });
        started.start();
        await eventually(async () => expect(await next.shadow.due()).toBe(false));
        await started.stop();
        expect(await rig.rows()).toEqual([13, 3, 3, 3]);
        await append('b', 2, added(10));
        await eventually(async () => {
          expect(await live.catchUp()).toBe(0);
          expect(await next.catchUp()).toBe(1);
        });
        expect(await rig.rows()).toEqual([13, 13, 3, 3]);
        await expect(live.rebuild()).rejects.toMatchObject({ code: 'READ_MODELS.NEWER_VERSION' });
        expect([await live.shadow.due(), await rig.leftovers()]).toEqual([false, []]);
      });

      it('of a new version replaces a rebuild of the version before', async () => {
        await live.shadow.begin();
        await live.shadow.advance();
        const next = rig.projector(3, 2);
        await next.shadow.begin();
        expect(await next.shadow.progress()).toMatchObject({ events: 0 });
        expect(await finish(next.shadow)).toBe(8);
      });

      it('is cancelled by another process', async () => {
        await live.shadow.begin();
        expect(await aProcess().cancel()).toBe(true);
        expect(await aProcess().progress()).toBeUndefined();
        expect(await aProcess().cancel()).toBe(false);
      });
    });
  });
}
