import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { fold, type SetAsideEntry, UnreadableStreamError } from '@seam/event-sourcing';
import { Clock, CodedError } from '@seam/kernel';
import { type Committer, ConflictError, type Work } from '@seam/messaging';
import { done, eventually, redriven, refused, runSaga, timedOut } from '@seam/testing';
import { deadlineOf, Saga, type SagaEvent, type SagaState } from './engine/state.js';
import { SagaRunner } from './runner.js';
import { Trip, tripSaga } from './testing/trip.js';
import { SagaTimers } from './timers.js';

const now = new Date('2026-11-22T10:00:00.000Z');
let at = now.getTime();
const clock = new (class extends Clock {
  now(): Date {
    return new Date(at);
  }
})();
const runner = new SagaRunner('trips', [tripSaga], clock);
const waiting = { ...runSaga(tripSaga, { data: { tripId: 't1' } }, []).state, id: 'waiting' };

/** Decides a work on this state, as the committer would. */
const decideOn = (work: Work, saga: SagaState): { events: { saga: SagaEvent[] }; messages: { type: string }[] } =>
  (work.input as any).decide({ saga, aggregate: Trip.initial });

const decidedOn = (work: Work): string => (work.input as any).streams.saga.id;

class FakeAsides {
  readonly entries: SetAsideEntry[] = [];
  of = (): Promise<SetAsideEntry[]> => Promise.resolve([...this.entries]);
  add = (_: string, entries: readonly SetAsideEntry[]): Promise<void> => {
    this.entries.push(...entries);
    return Promise.resolve();
  };
  remove = (_: string, entries: readonly { stream: string }[]): Promise<void> => {
    for (const { stream } of entries)
      this.entries.splice(
        this.entries.findIndex((one) => one.stream === stream),
        1,
      );
    return Promise.resolve();
  };
}

class FakeCommitter {
  readonly works: Work[] = [];
  commit = (work: Work): Promise<unknown> => {
    this.works.push(work);
    return this.answer(work);
  };
  answer: (work: Work) => Promise<unknown> = () => Promise.resolve();
}

describe('SagaTimers', () => {
  const silent = { error: jest.fn(), warn: jest.fn(), log: jest.fn(), fatal: jest.fn() };
  const linesOf = (spy: { mock: { calls: unknown[][] } }): string[] => spy.mock.calls.map(([line]) => String(line));
  let committer: FakeCommitter;
  let asides: FakeAsides;
  const timersOf = (...sagas: SagaState[]): SagaTimers => timersAmong(sagas);
  const timersAmong = (sagas: readonly SagaState[]): SagaTimers =>
    new SagaTimers({
      sagas: {
        overdue: (_, limit, except) => Promise.resolve(sagas.filter(({ id }) => !except.includes(id)).slice(0, limit)),
        deadlines: () => Promise.resolve(new Map(sagas.map((saga) => [saga.id, deadlineOf(saga)]))),
      },
      asides,
      runner,
      committer: committer as unknown as Committer,
      clock,
      leftToOthersMs: 300_000,
      everyMs: 1,
    });

  beforeAll(() => Logger.overrideLogger(silent));
  beforeEach(() => {
    jest.clearAllMocks();
    committer = new FakeCommitter();
    asides = new FakeAsides();
    at = now.getTime();
  });

  it('times out the pending attempt of each overdue saga', async () => {
    expect(await timersOf(waiting).poll()).toEqual({ timedOut: 1, paused: 0 });
    const { events, messages } = decideOn(committer.works[0]!, waiting);
    expect(events.saga.map(({ type }) => type)).toEqual(['step-retried']);
    expect(messages.map(({ type }) => type)).toEqual(['flights.book.v1']);
  });

  it('has no effect on a saga that has continued meanwhile', async () => {
    await timersOf(waiting).poll();
    const moved = runSaga(tripSaga, { data: { tripId: 't1' } }, [done('flight')]).state;
    expect(decideOn(committer.works[0]!, moved).events.saga).toEqual([]);
  });

  /** Polls once per second for this many seconds; returns the seconds in which it tried to handle a timeout. */
  async function pollFor(seconds: number, timers: SagaTimers): Promise<number[]> {
    const tried: number[] = [];
    for (let second = 0; second < seconds; second += 1) {
      const { timedOut: count, paused } = await timers.poll();
      if (count + paused > 0) tried.push(second);
      at += 1_000;
    }
    return tried;
  }
  const orphan = { ...waiting, id: 'orphan', definition: 'gone' };

  it('times out the others if one saga cannot be: its definition is missing, or throws', async () => {
    expect(await timersOf(orphan, waiting).poll()).toEqual({ timedOut: 1, paused: 1 });
    expect(committer.works).toHaveLength(1);
    committer.works.length = 0;
    committer.answer = (work) =>
      work === committer.works[0] ? Promise.reject(new Error('poison')) : Promise.resolve();
    expect(await timersOf({ ...waiting, id: 'poison' }, waiting).poll()).toEqual({ timedOut: 1, paused: 1 });
    expect(linesOf(silent.warn)).toEqual([expect.stringContaining('orphan'), expect.stringContaining('poison')]);
  });

  it('does not let failing sagas delay others, and logs them in one line', async () => {
    const stuck = Array.from({ length: 450 }, (_, n) => ({ ...orphan, id: `stuck-${n}` }));
    const timers = timersOf(...stuck, waiting);
    timers.start();
    await eventually(() => expect(committer.works.length).toBeGreaterThan(0));
    await timers.stop();
    expect(linesOf(silent.warn)).toEqual([expect.stringMatching(/saga stuck-0 \(gone\).*, and 199 more$/)]);
    expect(asides.entries).toEqual([]);
  });

  it('leaves an unknown saga to another replica for five minutes, with growing pauses', async () => {
    expect(await pollFor(360, timersOf(orphan))).toEqual([0, 2, 6, 14, 30, 62, 122, 182, 242, 302]);
    expect(asides.entries).toEqual([
      {
        stream: 'saga-orphan',
        position: deadlineOf(waiting),
        reason: expect.stringContaining('no saga definition gone.v1'),
      },
    ]);
    expect(linesOf(silent.error)).toEqual([expect.stringContaining('saga orphan (gone)')]);
  });

  it('sets no saga aside that another replica continues meanwhile', async () => {
    const sagas = [orphan];
    const timers = timersAmong(sagas);
    for (let step = 0; step < 10; step += 1) {
      await pollFor(200, timers);
      sagas[0] = { ...orphan, pending: { ...orphan.pending!, deadline: new Date(at - 1_000).toISOString() } };
    }
    expect(asides.entries).toEqual([]);
  });

  it('sets aside together what no replica could time out, and retries it now and then without logging', async () => {
    const stuck = Array.from({ length: 200 }, (_, n) => ({ ...orphan, id: `stuck-${n}` }));
    const timers = timersOf(...stuck, waiting);
    await pollFor(310, timers);
    expect(asides.entries).toHaveLength(200);
    expect(linesOf(silent.error)).toEqual([expect.stringMatching(/saga stuck-0 \(gone\).*, and 199 more$/)]);
    const most: number[] = [];
    for (let second = 0; second < 120; second += 1) {
      most.push((await timers.poll()).paused);
      at += 1_000;
    }
    expect(Math.max(...most)).toBe(20);
    expect(most.reduce((sum, n) => sum + n)).toBeGreaterThanOrEqual(200);
    expect(linesOf(silent.error)).toHaveLength(1);
    expect(asides.entries).toHaveLength(200);
  });

  it('finally sets aside a saga whose decision fails, or whose events cannot be read', async () => {
    committer.answer = (work) => {
      if (decidedOn(work) === 'unreadable')
        return Promise.reject(new UnreadableStreamError('trip-t1', 3, 'unexpected case'));
      decideOn(work, { ...waiting, steps: waiting.steps.slice(1) });
      return Promise.resolve();
    };
    await pollFor(310, timersOf({ ...waiting, id: 'unreadable' }, { ...waiting, id: 'changed' }));
    expect(asides.entries).toEqual([
      expect.objectContaining({ stream: 'saga-unreadable', reason: expect.stringContaining('unexpected case') }),
      expect.objectContaining({ stream: 'saga-changed', reason: expect.stringContaining('with other steps') }),
    ]);
  });

  it('times out a saga set aside by others as soon as it can, and deletes the entry when the saga has continued', async () => {
    const saga = { ...waiting, id: 'known-here' };
    asides.entries.push({ stream: 'saga-known-here', position: deadlineOf(saga)!, reason: 'not known there' });
    expect(await timersOf(saga).poll()).toEqual({ timedOut: 1, paused: 0 });
    const pending = { ...saga.pending!, attempt: 2, deadline: '2026-11-22T09:59:00.000Z' };
    await timersOf({ ...saga, pending }).poll();
    expect(asides.entries).toEqual([]);
  });

  it('sets nothing aside while the store is unavailable or works conflict', async () => {
    const away = new CodedError('unavailable', 'STORE.UNAVAILABLE', 'The database did not answer');
    const timers = timersOf(waiting, { ...waiting, id: 'second' });
    committer.answer = (work) => Promise.reject(work === committer.works[0] ? new ConflictError('taken') : away);
    for (let poll = 1; poll <= 400; poll += 1) {
      expect(await timers.poll()).toEqual({ timedOut: 0, paused: 0 });
      at += 1_000;
    }
    expect(committer.works).toHaveLength(800);
    expect(asides.entries).toEqual([]);
    await timers.stop();
    expect([...linesOf(silent.warn), ...linesOf(silent.log)]).toEqual([
      expect.stringMatching(/saga waiting .*taken, and 1 more$/),
      expect.stringMatching(/^400 timeouts of sagas could not be handled/),
    ]);
  });

  it('waits in stop for all running timeouts', async () => {
    let end!: () => void;
    committer.answer = (work) =>
      work === committer.works[0]
        ? Promise.reject(new Error('first'))
        : new Promise<void>((resolve) => (end = resolve));
    const timers = timersOf(waiting, { ...waiting, id: 'second' });
    timers.start();
    await eventually(() => expect(committer.works).toHaveLength(2));
    let stopped = false;
    const stopping = timers.stop().then(() => (stopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(false);
    end();
    await stopping;
    expect(committer.works).toHaveLength(2);
  });
});

describe('SagaRunner', () => {
  const reply = (context: unknown): any => ({ data: { context, outcome: { outcome: 'done', data: {} } } });
  const context = {
    saga: 's1',
    definition: 'trip',
    version: tripSaga.version,
    aggregateId: 't1',
    step: 'flight',
    phase: 'do',
  };

  it('advances the saga that the reply names, together with its aggregate', () => {
    const work = runner.onReply(reply(context));
    expect((work.input as any).streams).toMatchObject({ saga: { id: 's1' }, aggregate: { id: 't1', aggregate: Trip } });
    expect(decideOn(work, waiting).messages.map(({ type }) => type)).toEqual(['hotels.book.v1']);
  });

  it('rejects a reply without a saga, or for an unknown saga', () => {
    expect(() => runner.onReply(reply({ saga: 's1' }))).toThrow(/without the context/);
    expect(() => runner.onReply(reply({ ...context, definition: 'moon' }))).toThrow(/no saga definition moon/);
    expect(() => runner.onReply(reply({ ...context, version: 99 }))).toThrow(/no saga definition trip.v99/);
  });

  it('redrives a parked saga, and refuses any other', () => {
    const parked = runSaga(tripSaga, { data: { tripId: 't1' } }, [timedOut, timedOut, timedOut]).state;
    expect(decideOn(runner.redrive(parked), parked).events.saga).toMatchObject([
      { type: 'saga-redriven', at: now.toISOString() },
    ]);
    expect(() => decideOn(runner.redrive(parked), waiting)).toThrow('Saga waiting is running, not parked');
    const again = fold(Saga, decideOn(runner.redrive(parked), parked).events.saga, parked);
    expect(again.status).toBe('running');
    expect(redriven(again)).toEqual({ type: 'redrive' });
  });

  it('does not time out a saga that waits for nothing', () => {
    const ended = runSaga(tripSaga, { data: { tripId: 't1' } }, [refused('flight', 'FULL')]).state;
    expect(() => runner.onTimeout(ended)).toThrow('is not waiting for a reply');
  });
});
