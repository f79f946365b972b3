import { Logger } from '@nestjs/common';
import { newId, runInTrace, setActor } from '@seam/kernel';
import type { Committer } from '@seam/messaging';
import fc from 'fast-check';
import { fold } from '../aggregate.js';
import { type EventSchema, eventSchemas } from '../event-schemas.js';
import { type EventDecision, eventWork, type Positioned, positioned } from '../event-work.js';
import { UnreadableStreamError } from '../unreadable-stream.js';
import type { EventWorksRig } from './event-works-rig.js';
import { describeSnapshots } from './snapshot-works.js';
import { added, multiplied, Tally, type TallyEvent, type TallyState } from './tally.js';

/** Version 1 was a number, of another name; version 2 named it `by`. */
const ADDED: EventSchema<{ n: number }> = {
  version: 3,
  upcasts: { 1: (by: number) => ({ by }), 2: ({ by }: { by: number }) => ({ n: by }) },
  earlierNames: ['plus'],
};
const ThirdTally: typeof Tally = { ...Tally, schemas: eventSchemas<TallyEvent>({ added: ADDED }) };

const outcome = <T>(promise: Promise<T>): Promise<unknown> => promise.catch((error: unknown) => error);

type Streams = { tally: { aggregate: typeof Tally; id: string; expectedNew?: boolean } };
const on = (
  committer: Committer,
  id: string,
  decide: (state: TallyState) => EventDecision<Streams, unknown>,
  expectedNew = false,
): Promise<unknown> =>
  outcome(committer.commit(eventWork({ tally: { aggregate: Tally, id, expectedNew } }, ({ tally }) => decide(tally))));
const add =
  (n: number) =>
  (state: TallyState): EventDecision<Streams, number> => ({
    events: { tally: [added(n)] },
    value: state.sum + n,
  });
const NEWER = 'its schema version is 2, and this process knows up to 1: a newer release has stored it';
const refuse = (): never => {
  throw new Error('refused');
};

/** The guarantees of event works on every engine. `open` is called once, and returns an empty store. */
export function describeEventWorks(name: string, open: () => Promise<EventWorksRig>, numRuns = 30): void {
  describe(name, () => {
    let rig: EventWorksRig;
    beforeAll(async () => {
      Logger.overrideLogger(false);
      rig = await open();
    });
    const sumOf = async (id: string): Promise<TallyState> => fold(Tally, await rig.store.read(`tally-${id}`));

    describe('event works', () => {
      it('of one batch on one stream are decided one after the other, each on the result of the previous one', async () => {
        const committer = rig.committer();
        const id = newId();
        expect(
          await Promise.all([on(committer, id, add(1)), on(committer, id, add(2)), on(committer, id, add(4))]),
        ).toEqual([1, 3, 7]);
        expect(await sumOf(id)).toEqual({ sum: 7, events: 3 });
      });

      it('return the last event of their first stream, also if nothing was to be done', async () => {
        const committer = rig.committer();
        const id = newId();
        const streams = { tally: { aggregate: Tally, id }, other: { aggregate: Tally, id: newId() } };
        const decided = (tally: readonly TallyEvent[]): Promise<Positioned<string>> =>
          committer.commit(
            positioned(eventWork(streams, () => ({ events: { tally, other: [added(1)] }, value: 'done' }))),
          );
        const stream = `tally-${id}`;
        expect(await decided([])).toEqual({ value: 'done', position: undefined });
        expect(await decided([added(1), added(2)])).toEqual({ value: 'done', position: { stream, version: 2 } });
        const [one, two] = await Promise.all([decided([added(1)]), decided([added(1)])]);
        expect([one.position?.version, two.position?.version].sort()).toEqual([3, 4]);
        expect(await decided([])).toEqual({ value: 'done', position: { stream, version: 4 } });
      });

      it('that are refused do not affect others, and leave nothing', async () => {
        const committer = rig.committer();
        const id = newId();
        const answers = await Promise.all([
          on(committer, id, add(1)),
          on(committer, id, refuse),
          on(committer, id, add(4)),
        ]);
        expect(answers).toEqual([1, new Error('refused'), 5]);
        expect(await sumOf(id)).toEqual({ sum: 5, events: 2 });
      });

      it.each([
        ['of an unknown type', multiplied(2), 'a tally knows no such event'],
        ['of a schema version of a newer release', { ...added(2), schemaVersion: 2 }, NEWER],
        ['that is not valid', { ...added(2), data: 'two' }, 'it is not an event'],
        ['without the data of its type', { ...added(2), data: { n: 'two' } }, 'no number'],
      ])('on a stream with an event %s are refused, but none that is decided with them', async (_, event, reason) => {
        const unreadable: UnreadableStreamError[] = [];
        const committer = rig.committer({ unreadable: (error) => unreadable.push(error) });
        const [bad, good] = [newId(), newId()];
        await rig.store.append([{ stream: `tally-${bad}`, expectedVersion: 0, events: [added(1), event, added(3)] }]);
        const answers = await Promise.all([on(committer, bad, add(1)), on(committer, good, add(4))]);
        const error = new UnreadableStreamError(`tally-${bad}`, 2, reason, { sum: 1, events: 1 });
        expect(answers).toEqual([error, 4]);
        expect(answers[0]).toMatchObject({ kind: 'conflict', code: 'STREAM.UNREADABLE', cause: new Error(reason) });
        expect(unreadable).toEqual([error]);
      });

      it('whose events fit only one of their streams leave nothing in either', async () => {
        const committer = rig.committer();
        const [a, b] = [newId(), newId()];
        const streams = { good: { aggregate: Tally, id: a }, bad: { aggregate: Tally, id: b } };
        const torn = eventWork(streams, () => ({
          events: { good: [added(100)], bad: [{ type: 'unknown' } as unknown as TallyEvent] },
          value: 'torn',
        }));
        const [answer, after] = await Promise.all([outcome(committer.commit(torn)), on(committer, a, add(1))]);
        expect(answer).toBeInstanceOf(Error);
        expect(after).toBe(1);
        expect(await sumOf(a)).toEqual({ sum: 1, events: 1 });
        expect(await rig.store.read(`tally-${b}`)).toEqual([]);
      });

      it('append to several streams in one commit', async () => {
        const committer = rig.committer();
        const [from, to] = [newId(), newId()];
        await on(committer, from, add(10));
        const streams = { from: { aggregate: Tally, id: from }, to: { aggregate: Tally, id: to } };
        const move = eventWork(streams, (states) => ({
          events: { from: [added(-3)], to: [added(3)] },
          value: states.from.sum,
        }));
        expect(await committer.commit(move)).toBe(10);
        expect([(await sumOf(from)).sum, (await sumOf(to)).sum]).toEqual([7, 3]);
      });

      it('notify about commits that appended something, and about no others', async () => {
        let notified = 0;
        const committer = rig.committer({ appended: () => (notified += 1) });
        const id = newId();
        await on(committer, id, add(1));
        await on(committer, id, ({ sum }) => ({ value: sum }));
        await on(committer, id, refuse);
        expect(notified).toBe(1);
      });

      it('store why they were committed, each for itself and for all of its streams', async () => {
        const committer = rig.committer();
        const [id, other, asked] = [newId(), newId(), newId()];
        const message = { messageId: newId(), handler: 'tally', correlationId: newId() };
        const streams = { a: { aggregate: Tally, id }, b: { aggregate: Tally, id: other } };
        const both = eventWork(streams, () => ({ events: { a: [added(1), added(2)], b: [added(3)] }, value: '' }));
        const request = { traceId: 'a'.repeat(32), traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
        const actor = { id: 'ann', role: 'staff' };
        const correlationId = newId();
        const sent = { type: 'test.noted.v1', kind: 'event', correlationId, data: {} } as const;
        await Promise.all([
          committer.handle(both, message),
          runInTrace({ ...request }, () => {
            setActor(actor);
            return on(committer, asked, () => ({ events: { tally: [added(1)] }, messages: [sent], value: '' }));
          }),
          on(committer, asked, add(1)),
        ]);
        const metadata = async (of: string): Promise<unknown[]> =>
          (await rig.store.read(`tally-${of}`)).map((event) => event.metadata);
        const cause = { causationId: message.messageId, correlationId: message.correlationId };
        expect(await metadata(id)).toEqual([cause, cause]);
        expect(await metadata(other)).toEqual([cause]);
        expect(await metadata(asked)).toEqual([{ traceId: request.traceId, correlationId, actor }, undefined]);
      });

      it('read older events in their current form', async () => {
        const committer = rig.committer();
        const id = newId();
        const stream = `tally-${id}`;
        const first = { type: 'plus', at: added(1).at, data: 5 };
        const second = { ...added(0), data: { by: 3 }, schemaVersion: 2 };
        await rig.store.append([{ stream, expectedVersion: 0, events: [first, second] }]);
        const work = eventWork({ tally: { aggregate: ThirdTally, id } }, ({ tally }) => ({
          events: { tally: [added(1)] },
          value: tally.sum,
        }));
        expect(await committer.commit(work)).toBe(8);
        // What was decided is not upcast, in this process or in the next one.
        expect(await committer.commit(work)).toBe(9);
        expect(await rig.committer().commit(work)).toBe(10);
        expect((await rig.store.read(stream)).map(({ schemaVersion, data }) => [schemaVersion, data])).toEqual([
          [1, 5],
          [2, { by: 3 }],
          [3, { n: 1 }],
          [3, { n: 1 }],
          [3, { n: 1 }],
        ]);
        expect(fold(ThirdTally, await rig.store.read(stream))).toEqual({ sum: 11, events: 5 });
      });

      it('are stored in the form that processes of the release before can read', async () => {
        const committer = rig.committer();
        const id = newId();
        const downcast = ({ n }: { n: number }): object => ({ by: n });
        const schemas = eventSchemas<TallyEvent>({ added: { ...ADDED, storedAs: { version: 2, downcast } } });
        const work = eventWork({ tally: { aggregate: { ...Tally, schemas }, id } }, ({ tally }) => ({
          events: { tally: [added(4)] },
          value: tally.sum,
        }));
        for (const sum of [0, 4]) expect(await committer.commit(work)).toBe(sum);
        expect(await rig.committer().commit(work)).toBe(8);
        expect(await rig.store.read(`tally-${id}`)).toMatchObject([
          { schemaVersion: 2, data: { by: 4 } },
          { schemaVersion: 2, data: { by: 4 } },
          { schemaVersion: 2, data: { by: 4 } },
        ]);
      });
    });

    describeSnapshots(() => rig);

    describe('a stream that is expected to be new', () => {
      it('but exists is decided again on its real state', async () => {
        const committer = rig.committer();
        const id = newId();
        await on(committer, id, add(1));
        const decide = (state: TallyState): EventDecision<Streams, string> =>
          state.events === 0 ? { events: { tally: [added(9)] }, value: 'new' } : { value: 'was there' };
        expect(await on(committer, id, decide, true)).toBe('was there');
        expect(await sumOf(id)).toEqual({ sum: 1, events: 1 });
      });

      it('but exists is not refused for a reason that holds only for a new one', async () => {
        const committer = rig.committer();
        const id = newId();
        await on(committer, id, add(1));
        const decide = (state: TallyState): EventDecision<Streams, string> =>
          state.events === 0 ? refuse() : { value: 'was there' };
        expect(await on(committer, id, decide, true)).toBe('was there');
      });

      it('but exists is not treated as new by a decision that only reads', async () => {
        const committer = rig.committer();
        const id = newId();
        await on(committer, id, add(1));
        expect(await on(committer, id, ({ sum }) => ({ value: sum }), true)).toBe(1);
      });

      it('by one work of a batch is read for the other work', async () => {
        const committer = rig.committer();
        const id = newId();
        await on(committer, id, add(1));
        const reads = (state: TallyState): EventDecision<Streams, number> =>
          state.events === 0 ? refuse() : { value: state.sum };
        expect(await Promise.all([on(committer, id, reads), on(committer, id, refuse, true)])).toEqual([
          1,
          new Error('refused'),
        ]);
      });

      it('and is new can be refused by its decision at once', async () => {
        expect(await on(rig.committer(), newId(), refuse, true)).toEqual(new Error('refused'));
      });
    });

    describe('many works', () => {
      const command = fc.record({
        stream: fc.constantFrom('a', 'b', 'c', 'd'),
        n: fc.integer({ min: -5, max: 5 }),
        expectedNew: fc.boolean(),
        pause: fc.boolean(),
      });

      /** Refuses a sum below zero; for zero it only reads the sum. */
      const decide =
        (n: number) =>
        (state: TallyState): EventDecision<Streams, number> => {
          if (state.sum + n < 0) throw new Error(`below zero: ${state.sum} ${n}`);
          return n === 0 ? { value: state.sum } : { events: { tally: [added(n)] }, value: state.sum + n };
        };

      it('have the same results as a sequential model', async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 40 }), async (commands) => {
            const committer = rig.committer();
            const run = newId();
            const answers: Promise<unknown>[] = [];
            for (const { stream, n, expectedNew, pause } of commands) {
              answers.push(on(committer, `${run}${stream}`, decide(n), expectedNew));
              if (pause) await answers.at(-1);
            }
            const sums = new Map<string, TallyState>();
            const expected = commands.map(({ stream, n }) => {
              const state = sums.get(stream) ?? Tally.initial;
              if (state.sum + n < 0) return new Error(`below zero: ${state.sum} ${n}`);
              if (n !== 0) sums.set(stream, { sum: state.sum + n, events: state.events + 1 });
              return state.sum + n;
            });
            expect(await Promise.all(answers)).toEqual(expected);
            for (const [stream, state] of sums) expect(await sumOf(`${run}${stream}`)).toEqual(state);
          }),
          { numRuns },
        );
      });

      it('of two processes lose no update, and return no version twice', async () => {
        const committers = [rig.committer(), rig.committer()];
        const id = newId();
        const answers = await Promise.all(
          Array.from({ length: 60 }, (_, index) => on(committers[index % 2]!, id, add(1))),
        );
        expect(answers.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
        expect(await sumOf(id)).toEqual({ sum: 60, events: 60 });
      });
    });
  });
}
