import type { EventStore, ProjectorLoop } from '@seam/event-sourcing';
import { newId } from '@seam/kernel';
import { eventually } from '@seam/testing';
import type { SagaEvent, SagaState } from '../engine/state.js';
import type { SagaFinder, SagaQuery } from '../saga-finder.js';

export interface SagaFinderRig {
  readonly finder: SagaFinder;
  /** The store for its sagas' events, and the projectors that update its lists. */
  readonly store: EventStore;
  readonly projector: ProjectorLoop;
}

/** The guarantees of every adapter of {@link SagaFinder}. `open` is called once, and returns one without sagas. */
export function describeSagaFinder(name: string, open: () => Promise<SagaFinderRig>): void {
  describe(`${name}: the list of sagas`, () => {
    let rig: SagaFinderRig;
    const ids: string[] = [];
    const time = (second: number): string => new Date(Date.UTC(2026, 10, 22, 9, 30, second)).toISOString();
    const correlation = newId();

    const pending = (deadline: string) => ({ step: 0, phase: 'do' as const, attempt: 1, deadline });
    const started = (id: string, at: string, correlationId: string, deadline: string): SagaEvent => ({
      type: 'saga-started',
      at,
      data: {
        id,
        definition: 'trip',
        version: 1,
        correlationId,
        data: { n: 1 },
        steps: ['one'],
        done: 0,
        next: pending(deadline),
      },
    });
    const ended: SagaEvent = { type: 'step-completed', at: time(50), data: { step: 0, next: undefined } };
    const parked: SagaEvent = { type: 'saga-parked', at: time(50), data: { reason: 'no answer' } };
    const redriven = (deadline: string): SagaEvent => ({
      type: 'saga-redriven',
      at: time(55),
      data: { next: pending(deadline) },
    });

    async function append(id: string, version: number, ...events: SagaEvent[]): Promise<void> {
      await rig.store.append([{ stream: `saga-${id}`, expectedVersion: version, events }]);
    }
    const caughtUp = <T>(probe: () => T | Promise<T>): Promise<T> =>
      eventually(async () => {
        await rig.projector.catchUp();
        return probe();
      });
    const list = async (query: Partial<SagaQuery> = {}): Promise<string[]> =>
      (await rig.finder.list({ limit: 100, ...query })).map(({ id }) => id);
    const overdue = async (now: string, limit = 100): Promise<string[]> =>
      (await rig.finder.overdue(new Date(now), limit)).map(({ id }) => id);

    beforeAll(async () => {
      rig = await open();
      // 0, 1: running; 2, 3: completed; 4, 5: parked. Two in each second, with deadlines in reverse order.
      for (let n = 0; n < 6; n += 1) {
        const id = newId();
        ids.push(id);
        const events = started(id, time(Math.floor(n / 2)), n % 2 === 0 ? correlation : newId(), time(40 - n));
        await append(id, 0, events, ...(n < 2 ? [] : n < 4 ? [ended] : [parked]));
      }
      await caughtUp(async () => expect(await list()).toHaveLength(6));
    });
    /** Latest first; sagas of the same time are ordered by id, highest first. */
    const ordered = (of: readonly string[]): string[] =>
      [...of].sort((a, b) => {
        const [first, second] = [a, b].map((id) => Math.floor(ids.indexOf(id) / 2));
        return second! - first! || (a < b ? 1 : -1);
      });

    it('counts open sagas, by definition and state', async () => {
      expect(await rig.finder.open()).toEqual([
        { definition: 'trip', state: 'parked', count: 2, oldest: new Date(time(2)) },
        { definition: 'trip', state: 'running', count: 2, oldest: new Date(time(0)) },
      ]);
    });

    it('is ordered latest first, with states made from the events', async () => {
      expect(await list()).toEqual(ordered(ids));
      const [saga] = await rig.finder.list({ status: 'running', correlationId: correlation, limit: 1 });
      expect(saga).toMatchObject({
        id: ids[0],
        definition: 'trip',
        status: 'running',
        data: { n: 1 },
        startedAt: time(0),
      });
      expect(saga?.pending).toEqual(pending(time(40)));
    });

    it.each([
      ['running', [0, 1]],
      ['completed', [2, 3]],
      ['parked', [4, 5]],
      ['compensated', []],
    ] as const)('can be of those that are %s', async (status, of) => {
      expect(await list({ status })).toEqual(ordered(of.map((n) => ids[n]!)));
    });

    it('can be limited to sagas about one subject', async () => {
      expect(await list({ correlationId: correlation })).toEqual(ordered([ids[0]!, ids[2]!, ids[4]!]));
      expect(await list({ correlationId: correlation, status: 'parked' })).toEqual([ids[4]]);
      expect(await list({ correlationId: newId() })).toEqual([]);
    });

    it('can be of those that started before a time, also of one state', async () => {
      expect(await list({ startedBefore: time(1) })).toEqual(ordered([ids[0]!, ids[1]!]));
      expect(await list({ startedBefore: time(2), status: 'completed' })).toEqual(ordered([ids[2]!, ids[3]!]));
      expect(await list({ startedBefore: time(2), status: 'parked' })).toEqual([]);
    });

    it.each([1, 2, 4])('comes in pages of %s, each saga once', async (limit) => {
      const seen: SagaState[] = [];
      for (;;) {
        const last = seen.at(-1);
        const before = last === undefined ? {} : { before: { startedAt: last.startedAt, id: last.id } };
        const page = await rig.finder.list({ ...before, limit });
        if (page.length === 0) break;
        seen.push(...page);
      }
      expect(seen.map(({ id }) => id)).toEqual(ordered(ids));
    });

    describe('that are overdue', () => {
      it('has the most overdue first, and none that waits for nothing, or for an operator', async () => {
        expect(await overdue(time(45))).toEqual([ids[1], ids[0]]);
        expect(await overdue(time(45), 1)).toEqual([ids[1]]);
        expect(await overdue(time(40))).toEqual([ids[1]]);
        expect(await overdue(time(39))).toEqual([]);
      });

      it('can exclude some, and gives the deadline of any', async () => {
        const [first, second] = [ids[1]!, ids[0]!];
        const without = await rig.finder.overdue(new Date(time(45)), 1, [first, newId()]);
        expect(without.map(({ id }) => id)).toEqual([second]);
        expect(await rig.finder.overdue(new Date(time(45)), 9, [first, second])).toEqual([]);
        expect(await rig.finder.deadlines([first, ids[2]!, ids[4]!, newId()])).toEqual(
          new Map([
            [first, time(39)],
            [ids[2], undefined],
            [ids[4], undefined],
          ]),
        );
      });

      it('follows a saga when it is redriven, and when it ends', async () => {
        await append(ids[4]!, 2, redriven(time(58)));
        await append(ids[1]!, 1, { ...ended, at: time(56) });
        await caughtUp(async () => expect(await overdue(time(59))).toEqual([ids[0], ids[4]]));
        expect(await list({ status: 'running' })).toEqual(ordered([ids[0]!, ids[4]!]));
        expect(await list({ status: 'parked' })).toEqual([ids[5]]);
        expect(await list({ status: 'completed' })).toEqual(ordered([ids[1]!, ids[2]!, ids[3]!]));
        expect(await rig.finder.open()).toMatchObject([
          { state: 'parked', count: 1 },
          { state: 'running', count: 2 },
        ]);
        const [sent] = await rig.finder.list({ correlationId: correlation, status: 'running', limit: 1 });
        expect(sent?.pending?.deadline).toBe(time(58));
      });

      it('has a parked saga whose own time is over, and not after that was noted', async () => {
        const [limited, open] = [newId(), newId()];
        for (const id of [limited, open]) {
          const first = started(id, time(1), newId(), time(70));
          const own = id === limited ? { deadline: time(80) } : {};
          await append(id, 0, { ...first, data: { ...first.data, ...own } } as SagaEvent, parked);
        }
        await caughtUp(async () => expect(await overdue(time(81))).toEqual([ids[0], ids[4], limited]));
        expect((await rig.finder.deadlines([limited, open])).get(limited)).toBe(time(80));
        await append(limited, 2, { type: 'deadline-passed', at: time(81), data: {} });
        await caughtUp(async () => expect(await overdue(time(81))).toEqual([ids[0], ids[4]]));
        for (const id of [limited, open]) {
          const version = id === limited ? 3 : 2;
          await append(id, version, { ...ended, at: time(82) });
        }
        await caughtUp(async () => expect(await list({ status: 'parked' })).toEqual([ids[5]]));
        ids.push(limited, open);
      });
    });

    describe('by definition, version, step and attempt', () => {
      const other: string[] = [];
      const about = newId();
      const twoSteps = (id: string, version: number, step: number, attempt: number): SagaEvent => {
        const { data, ...event } = started(id, time(30), about, time(59)) as Extract<
          SagaEvent,
          { type: 'saga-started' }
        >;
        const next = { ...pending(time(59)), step, attempt };
        return { ...event, data: { ...data, definition: 'tour', version, steps: ['one', 'two'], next } };
      };
      const page = async (query: Partial<SagaQuery>): Promise<string[]> => list({ definition: 'tour', ...query });
      const those = (...indexes: number[]): string[] =>
        indexes
          .map((index) => other[index]!)
          .sort()
          .reverse();

      beforeAll(async () => {
        for (const [version, step, attempt] of [
          [1, 0, 1],
          [1, 1, 3],
          [2, 1, 1],
          [2, 1, 2],
          [2, 1, 2],
        ] as const) {
          const id = newId();
          other.push(id);
          await append(id, 0, twoSteps(id, version, step, attempt));
        }
        await append(other[3]!, 1, parked);
        await append(other[4]!, 1, ended);
        await caughtUp(async () => expect(await page({ status: 'running' })).toHaveLength(3));
      });

      it('finds them by definition and version', async () => {
        expect(await page({})).toEqual(those(0, 1, 2, 3, 4));
        expect(await list({ definition: 'trip', startedBefore: time(1) })).toEqual(ordered([ids[0]!, ids[1]!]));
        expect(await page({ version: 1 })).toEqual(those(0, 1));
        expect(await page({ version: 2, status: 'parked' })).toEqual(those(3));
        expect(await page({ version: 2, correlationId: about, status: 'completed' })).toEqual(those(4));
        expect(await page({ version: 3 })).toEqual([]);
        expect(await page({ version: 2, startedBefore: time(30) })).toEqual([]);
      });

      it('finds those at a step, which sagas that have ended are not', async () => {
        expect(await page({ step: 'one' })).toEqual(those(0));
        expect(await page({ step: 'two' })).toEqual(those(1, 2, 3));
        expect(await page({ step: 'two', status: 'parked' })).toEqual(those(3));
        expect(await page({ step: 'two', status: 'completed' })).toEqual([]);
        expect(await page({ step: 'two', correlationId: about, version: 2 })).toEqual(those(2, 3));
        expect(await page({ step: 'three' })).toEqual([]);
      });

      it('finds those that are retrying now, in pages', async () => {
        expect(await page({ retrying: true })).toEqual(those(1));
        expect(await page({ retrying: false })).toEqual(those(0, 2, 3));
        const [first] = await rig.finder.list({ definition: 'tour', step: 'two', limit: 1 });
        expect(first?.id).toBe(those(1, 2, 3)[0]);
        const before = { startedAt: first!.startedAt, id: first!.id };
        expect(await page({ step: 'two', before })).toEqual(those(1, 2, 3).slice(1));
      });
    });

    it('is the same after a rebuild', async () => {
      const before = await rig.finder.list({ limit: 100 });
      const open = await rig.finder.open();
      expect(await rig.projector.rebuild()).toBeGreaterThanOrEqual(10);
      expect(await rig.finder.list({ limit: 100 })).toEqual(before);
      expect(await rig.finder.open()).toEqual(open);
      expect(await overdue(time(59))).toEqual([ids[0], ids[4]]);
    });
  });
}
