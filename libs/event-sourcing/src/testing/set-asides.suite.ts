import { newId } from '@seam/kernel';
import { eventually } from '@seam/testing';
import type { EventStore } from '../event-store.js';
import type { ProjectorLoop } from '../projector-loop.js';
import { type SetAside, type SetAsides, setAsideId } from '../set-asides.js';
import { added, addedTimes, multiplied, MultiplyingTally, SecondTally, Tally } from './tally.js';

/** What code of a later version stores, and the code that knows it. */
const UNKNOWN = [
  [
    'an unknown type',
    {
      unknown: multiplied,
      Later: MultiplyingTally,
      reason: 'event 3 (multiplied): a tally knows no such event',
    },
  ],
  [
    'an unknown schema version',
    {
      unknown: addedTimes,
      Later: SecondTally,
      reason: 'event 3 (added): its schema version is 2, and this process knows up to 1: a newer release has stored it',
    },
  ],
] as const;

export interface SettingAsideRig {
  readonly store: EventStore;
  readonly asides: SetAsides;
  /**
   * The name of a read model of tallies. `projector` updates it with an aggregate of some version of the code, three
   * events per batch.
   */
  readonly readModel: string;
  readonly projector: (aggregate: typeof Tally) => ProjectorLoop;
  /** The sums in the read model, ordered by the tallies' ids. */
  readonly rows: () => Promise<number[]>;
  readonly close: () => Promise<void>;
}

/** The guarantees of every adapter of {@link SetAsides}, and of every read model that uses it. */
export function describeSettingAside(name: string, open: () => Promise<SettingAsideRig>): void {
  let rig: SettingAsideRig;
  const append = (id: string, version: number, ...events: Parameters<EventStore['append']>[0][number]['events']) =>
    rig.store.append([{ stream: `tally-${id}`, expectedVersion: version, events }]);

  describe.each(UNKNOWN)(
    `${name}: an event of %s, which a read model does not know`,
    (_, { unknown, Later, reason }) => {
      let projector: ProjectorLoop;
      const settled = (sums: number[]): Promise<void> =>
        eventually(async () => {
          await projector.catchUp();
          expect(await rig.rows()).toEqual(sums);
        });

      beforeAll(async () => {
        rig = await open();
        projector = rig.projector(Tally);
      });
      afterAll(() => rig.close());

      it('leaves its stream’s row unchanged, and stops no other stream', async () => {
        await append('a', 0, added(1));
        await append('b', 0, added(1), added(2), unknown(2), added(4));
        for (let n = 0; n < 5; n += 1) await append('c', n, added(1));
        await append('d', 0, unknown(3));
        await append('e', 0, added(7));
        await settled([1, 3, 5, 7]);
        expect(await rig.asides.list({ limit: 10 })).toEqual([
          {
            id: expect.any(String),
            what: rig.readModel,
            stream: 'tally-b',
            position: '3',
            reason,
            since: expect.any(Date),
          },
          expect.objectContaining({ stream: 'tally-d', position: '1' }),
        ]);
      });

      it('leaves out later events of its stream', async () => {
        await append('b', 4, added(8));
        await append('d', 1, added(8));
        await append('a', 1, added(8));
        await settled([9, 3, 5, 7]);
        expect(await rig.asides.of(rig.readModel)).toHaveLength(2);
      });

      it('is skipped when the read model is rebuilt', async () => {
        const counted: number[] = [];
        expect(await projector.rebuild({ progress: (events) => counted.push(events) })).toBe(15);
        expect(counted.at(-1)).toBe(15);
        await settled([9, 3, 5, 7]);
        expect((await rig.asides.list({ limit: 10 })).map(({ stream }) => stream).sort()).toEqual([
          'tally-b',
          'tally-d',
        ]);
      });

      it('stays set aside after a retry that fails', async () => {
        const before = await rig.asides.list({ limit: 10 });
        await projector.retry(['tally-b', 'tally-nobodys']);
        expect(await rig.asides.list({ limit: 10 })).toEqual(before);
      });

      it('is applied, with all that was left out, when code that knows it retries the stream', async () => {
        const later = rig.projector(Later);
        await later.retry(['tally-b']);
        expect(await rig.rows()).toEqual([9, 18, 5, 7]);
        expect((await rig.asides.list({ limit: 10 })).map(({ stream }) => stream)).toEqual(['tally-d']);
        await append('b', 5, unknown(2));
        await eventually(async () => {
          await later.catchUp();
          expect(await rig.rows()).toEqual([9, 36, 5, 7]);
        });
        await later.rebuild();
        expect(await rig.rows()).toEqual([9, 36, 5, 8, 7]);
        expect(await rig.asides.counts()).toEqual([]);
      });

      it('may also be one from which no row can be made', async () => {
        await append('f', 0, added(5), added(1_000_000));
        await append('g', 0, added(6));
        const later = rig.projector(Later);
        await eventually(async () => {
          await later.catchUp();
          expect((await rig.rows()).at(-1)).toBe(6);
        });
        expect(await rig.asides.list({ limit: 10 })).toMatchObject([{ stream: 'tally-f', position: '2' }]);
      });
    },
  );

  describe.each(UNKNOWN)(
    `${name}: processes of two versions side by side, with events of %s`,
    (_, { unknown, Later }) => {
      let old: ProjectorLoop;
      let later: ProjectorLoop;
      const sums = async (): Promise<number[]> => (await rig.rows()).slice().sort((a, b) => a - b);

      beforeAll(async () => {
        rig = await open();
        old = rig.projector(Tally);
        later = rig.projector(Later);
      });
      afterAll(() => rig.close());

      it('have the later version’s result of all events, whichever meets an event that the other does not know', async () => {
        old.start();
        later.start();
        for (let n = 1; n <= 10; n += 1) {
          await append(`mixed-${n}`, 0, added(n));
          await append(`mixed-${n}`, 1, unknown(2), added(1));
          old.wake();
          later.wake();
        }
        const expected = Array.from({ length: 10 }, (_, n) => 2 * (n + 1) + 1);
        await eventually(
          async () => {
            expect(await sums()).toEqual(expected);
            expect(await rig.asides.counts()).toEqual([]);
          },
          { withinMs: 30_000 },
        );
        await Promise.all([old.stop(), later.stop()]);
      });

      it('leave what neither knows set aside, even if found by another reader, until it is readable', async () => {
        await append('read', 0, added(3));
        await eventually(async () => {
          await old.catchUp();
          expect(await sums()).toContain(3);
        });
        await append('unread', 0, { ...added(4), data: {} });
        const entry = { stream: 'tally-read', position: '1', reason: 'could not be read' };
        await eventually(async () => expect(await old.setAside([entry])).toBe(true));
        expect(await rig.asides.list({ what: rig.readModel, limit: 10 })).toMatchObject([entry]);
        later.start();
        await eventually(
          async () =>
            expect(await rig.asides.list({ limit: 10 })).toMatchObject([{ stream: 'tally-unread', position: '1' }]),
          { withinMs: 30_000 },
        );
        await later.stop();
      });
    },
  );

  describe(`${name}: set-aside entries`, () => {
    const entry = (stream: string, position = '1') => ({ stream, position, reason: 'because' });
    const list = async (query: Partial<Parameters<SetAsides['list']>[0]> = {}): Promise<SetAside[]> =>
      rig.asides.list({ limit: 100, what: 'timers', ...query });

    beforeAll(async () => {
      rig = await open();
    });
    afterAll(() => rig.close());

    it('are listed oldest first, in pages', async () => {
      for (const n of [1, 2, 3, 4, 5]) await rig.asides.add('timers', [entry(`saga-${n}`)]);
      await rig.asides.add('others', [entry('saga-1')]);
      const all = await list();
      expect(all.map(({ since, id }) => `${since.toISOString()} ${id}`)).toEqual(
        all.map(({ since, id }) => `${since.toISOString()} ${id}`).sort(),
      );
      const seen: SetAside[] = [];
      for (let last = (await list({ limit: 2 })).at(-1); last !== undefined; last = seen.at(-1)) {
        const page = await list({ limit: 2, ...(seen.length === 0 ? {} : { after: last }) });
        if (page.length === 0) break;
        seen.push(...page);
      }
      expect(seen).toEqual(all);
      expect(all).toHaveLength(5);
      expect(await list({ what: 'others' })).toHaveLength(1);
      expect(await rig.asides.list({ limit: 100 })).toHaveLength(6);
    });

    it('are counted by kind, and found by id', async () => {
      expect(await rig.asides.counts()).toEqual([
        { what: 'others', count: 1, streams: ['saga-1'] },
        { what: 'timers', count: 5, streams: (await list({ limit: 3 })).map(({ stream }) => stream) },
      ]);
      const [first] = await list();
      expect(await rig.asides.find(first!.id)).toEqual(first);
      expect(await rig.asides.find(newId())).toBeUndefined();
    });

    it('keep their time when they stop at another position, and are then removed only for that position', async () => {
      const before = await rig.asides.find(setAsideId('timers', 'saga-2'));
      await rig.asides.add('timers', [entry('saga-2', '7'), entry('saga-6')]);
      expect(await rig.asides.find(before!.id)).toEqual({ ...before, position: '7' });
      await rig.asides.remove('timers', [entry('saga-2'), entry('saga-3')]);
      expect((await rig.asides.of('timers')).sort((a, b) => (a.stream < b.stream ? -1 : 1))).toEqual(
        ['1', '7', '1', '1', '1'].map((position, index) => ({ stream: `saga-${[1, 2, 4, 5, 6][index]}`, position })),
      );
    });

    it('may be added by several processes at once', async () => {
      await Promise.all([1, 2, 3, 4].map(() => rig.asides.add('crowd', [entry('saga-1'), entry('saga-2')])));
      expect(await rig.asides.of('crowd')).toHaveLength(2);
    });
  });
}
