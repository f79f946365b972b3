import { Logger } from '@nestjs/common';
import { newId } from '@seam/kernel';
import { eventually } from '@seam/testing';
import type { EventStore } from '../event-store.js';
import type { ProjectorLoop } from '../projector-loop.js';
import { PositionWaits } from '../reach-position.js';
import { added, multiplied } from './tally.js';

export interface ReachRig {
  readonly store: EventStore;
  /** A projector of tallies, a new object as each process has its own; three events per batch. */
  readonly projector: () => ProjectorLoop;
  readonly close: () => Promise<void>;
}

/** How every projector reports its position, and how queries wait for one. */
export function describeReachingPositions(name: string, open: () => Promise<ReachRig>): void {
  describe(`${name}: a position that a query waits for`, () => {
    let rig: ReachRig;
    let projector: ProjectorLoop;
    let stream: string;
    const append = (version: number, ...events: Parameters<EventStore['append']>[0][number]['events']) =>
      rig.store.append([{ stream, expectedVersion: version, events }]);
    const at = (version: number, of = stream): { stream: string; version: number } => ({ stream: of, version });
    const caughtUp = (): Promise<void> =>
      eventually(async () => {
        await projector.catchUp();
        expect(await projector.has(at(1))).toBe(true);
      });

    beforeAll(async () => {
      Logger.overrideLogger(false);
      rig = await open();
    });
    beforeEach(() => {
      projector = rig.projector();
      stream = `tally-${newId()}`;
    });
    afterEach(() => projector.stop());
    afterAll(() => rig.close());

    it('is reached when its event is applied, and not before', async () => {
      expect(await projector.has(at(1))).toBeUndefined();
      await append(0, added(1), added(2));
      expect([await projector.has(at(1)), await projector.has(at(2))]).toEqual([false, false]);
      await caughtUp();
      await append(2, added(3));
      expect([await projector.has(at(1)), await projector.has(at(2))]).toEqual([true, true]);
      expect([await projector.has(at(3)), await projector.has(at(4))]).toEqual([false, undefined]);
    });

    it('in the middle of a commit is reached with its event', async () => {
      await append(0, ...Array.from({ length: 7 }, () => added(1)));
      await eventually(async () => {
        const has = [];
        for (let version = 1; version <= 7; version += 1) has.push(await projector.has(at(version)));
        // One batch is applied at a time: what is reached is at the beginning.
        expect(has.toSorted().reverse()).toEqual(has);
        if (has.at(-1) === true) return;
        await projector.catchUp();
        throw new Error('not all of them yet');
      });
    });

    it('stays reached, however much comes after it', async () => {
      await append(0, added(1));
      await caughtUp();
      const first = stream;
      for (let n = 0; n < 12; n += 1) {
        stream = `tally-${newId()}`;
        await append(0, added(1));
      }
      await caughtUp();
      expect(await projector.has(at(1, first))).toBe(true);
    });

    it('of a stream that is set aside is reached, so that no query waits for it', async () => {
      await append(0, multiplied(2), added(1));
      await eventually(async () => {
        await projector.catchUp();
        expect(await projector.has(at(2))).toBe(true);
      });
    });

    it('is waited for, while any process brings the read model up to date', async () => {
      const elsewhere = rig.projector();
      const waits = new PositionWaits([projector]);
      await append(0, added(1));
      const reached = waits.reach('tally', at(1), 20_000).then(() => projector.has(at(1)));
      elsewhere.start();
      expect(await reached).toBe(true);
      await elsewhere.stop();
    });

    it('is waited for no longer than the limit', async () => {
      await append(0, added(1));
      const startedAt = performance.now();
      const reached = new PositionWaits([projector]).reach('tally', at(1), 200);
      await expect(reached).rejects.toMatchObject({ kind: 'precondition-failed', code: 'READ_MODEL.BEHIND' });
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    });

    it('is waited for by a limited number of queries', async () => {
      await append(0, added(1));
      const waits = new PositionWaits([projector]);
      // Far longer than the test: a refused query has not waited for the time limit.
      const all = Array.from({ length: 200 }, () => waits.reach('tally', at(1), 600_000));
      const fast = await Promise.race(all.map((one) => one.catch((error: unknown) => error)));
      expect(fast).toMatchObject({ code: 'READ_MODEL.BEHIND' });
      projector.start();
      const ended = await Promise.allSettled(all);
      expect(ended.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(64);
    });

    it('of no event, or of another category, is refused at once', async () => {
      const waits = new PositionWaits([projector]);
      for (const position of [at(1), at(1, 'other-1')])
        await expect(waits.reach('tally', position)).rejects.toMatchObject({ code: 'POSITION.UNKNOWN' });
      await expect(waits.reach('other', at(1))).rejects.toMatchObject({ code: 'POSITION.UNKNOWN' });
    });
  });
}
