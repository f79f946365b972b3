import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { fold } from '@seam/event-sourcing';
import { Clock } from '@seam/kernel';
import type { Committer, Work } from '@seam/messaging';
import { done, eventually, redriven, refused, runSaga, timedOut } from '@seam/testing';
import { defineSaga } from './definition.js';
import { Saga, type SagaEvent, type SagaState } from './engine/state.js';
import { SagaRunner } from './runner.js';
import { Trip, tripSaga } from './testing/trip.js';
import { SagaTimers } from './timers.js';

const now = new Date('2026-11-22T10:00:00.000Z');
const clock = new (class extends Clock {
  now(): Date {
    return now;
  }
})();
const runner = new SagaRunner('trips', [tripSaga], clock);
const waiting = { ...runSaga(tripSaga, { data: { tripId: 't1' } }, []).state, id: 'waiting' };

/** Decides a work on this state, as the committer would. */
const decideOn = (work: Work, saga: SagaState): { events: { saga: SagaEvent[] }; messages: { type: string }[] } =>
  (work.input as any).decide({ saga, aggregate: Trip.initial });

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
  let committer: FakeCommitter;
  const timersOf = (...sagas: SagaState[]): SagaTimers =>
    new SagaTimers({
      sagas: { overdue: () => Promise.resolve(sagas) },
      runner,
      committer: committer as unknown as Committer,
      clock,
      everyMs: 1,
    });

  beforeAll(() => Logger.overrideLogger(silent));
  beforeEach(() => {
    jest.clearAllMocks();
    committer = new FakeCommitter();
  });

  it('tells each overdue saga the time limit of the attempt it waits for', async () => {
    expect(await timersOf(waiting).look()).toBe(1);
    const { events, messages } = decideOn(committer.works[0]!, waiting);
    expect(events.saga.map(({ type }) => type)).toEqual(['step-retried']);
    expect(messages.map(({ type }) => type)).toEqual(['flights.book.v1']);
  });

  it('tells a saga that has moved on meanwhile, without effect', async () => {
    await timersOf(waiting).look();
    const moved = runSaga(tripSaga, { data: { tripId: 't1' } }, [done('flight')]).state;
    expect(decideOn(committer.works[0]!, moved).events.saga).toEqual([]);
  });

  it('tells the others when one saga cannot be told: of a definition that is gone, or failing as it decides', async () => {
    const orphan = { ...waiting, id: 'orphan', definition: 'gone' };
    await timersOf(orphan, waiting).look();
    expect(committer.works).toHaveLength(1);
    committer.works.length = 0;
    committer.answer = (work) =>
      work === committer.works[0] ? Promise.reject(new Error('poison')) : Promise.resolve();
    await timersOf({ ...waiting, id: 'poison' }, waiting).look();
    expect(committer.works).toHaveLength(2);
    expect(silent.error.mock.calls.map(([line]) => String(line))).toEqual([
      expect.stringContaining('orphan'),
      expect.stringContaining('poison'),
    ]);
  });

  it('waits in stop for all that it tells', async () => {
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

  it('moves the saga on that the reply names, with its aggregate', () => {
    const work = runner.onReply(reply(context));
    expect((work.input as any).streams).toMatchObject({ saga: { id: 's1' }, aggregate: { id: 't1', aggregate: Trip } });
    expect(decideOn(work, waiting).messages.map(({ type }) => type)).toEqual(['hotels.book.v1']);
  });

  it('cannot use a reply of no saga, or of a saga it does not know', () => {
    expect(() => runner.onReply(reply({ saga: 's1' }))).toThrow(/without the context/);
    expect(() => runner.onReply(reply({ ...context, definition: 'moon' }))).toThrow(/knows no saga moon/);
    expect(() => runner.onReply(reply({ ...context, version: 99 }))).toThrow(/knows no saga trip.v99/);
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

  it('tells no saga that waits for nothing', () => {
    const ended = runSaga(tripSaga, { data: { tripId: 't1' } }, [refused('flight', 'FULL')]).state;
    expect(() => runner.onTimeout(ended)).toThrow('waits for nothing');
  });
});

describe('defineSaga', () => {
  const saga = defineSaga<{ id: string }>()({ name: 'x', version: 1, aggregate: Trip, aggregateId: ({ id }) => id });
  const local = { kind: 'local', decide: () => ({ events: [], messages: [] }) } as const;

  it('refuses what cannot be run', () => {
    expect(() => saga.build()).toThrow('saga x has no steps');
    expect(() => saga.step('a', { do: local }).step('a', { do: local })).toThrow('saga x has two steps a');
    expect(() => saga.step('a', { do: local }).step('b', { do: { kind: 'started' } })).toThrow('only the first step');
  });
});
