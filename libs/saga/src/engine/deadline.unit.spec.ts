import { defineCommand } from '@seam/messaging/contract';
import {
  aborted,
  compensated,
  deadlinePassed,
  done,
  operated,
  refused,
  runSaga,
  sagaSpecification,
  timedOut,
} from '@seam/testing';
import { z } from 'zod';
import { send } from '../definition.js';
import { SagaRunner } from '../runner.js';
import { saga } from '../saga-builder.js';
import { Trip } from '../testing/trip.js';
import { timelineOf } from '../timeline.js';
import { refusalOf } from './operator.js';
import { deadlineOf } from './state.js';

const command = (name: string) =>
  defineCommand({ service: 'other', name, data: z.object({}), reply: z.object({ n: z.int().optional() }) });
const call = (name: string) => send(command(name), () => ({}));

const MINUTE = 60_000;
const EXPIRED = { code: 'EXPIRED', reason: 'not paid in time' };
const start = (name: string, deadline?: { withinMs: number; failure: typeof EXPIRED }) =>
  saga(name, {
    version: 1,
    input: z.object({ id: z.string() }),
    aggregate: Trip,
    aggregateId: ({ id }) => id,
    deadline,
  });
const data = { id: 's1' };
const retry = { attempts: 1 };
const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

const stay = start('stay', { withinMs: 15 * MINUTE, failure: EXPIRED })
  .call('room', call('room'), { compensate: call('free-room'), retry })
  .call('money', call('money'), { compensate: call('refund'), attemptTimeoutMs: 20 * MINUTE, retry })
  .pivot()
  .call('letter', call('letter'), { attemptTimeoutMs: 20 * MINUTE, retry });
const specification = sagaSpecification(stay, { data });
const after = (...inputs: Parameters<typeof runSaga<any, any, any, any>>[2]) =>
  runSaga(stay as never, { data }, inputs);

describe('the deadline of a saga', () => {
  it('is counted from its start, and the first of all time limits is due', () => {
    const { state } = after();
    expect(deadlineOf(state)).toBe(later(state.startedAt, 10_000));
    expect(deadlineOf(after(done('room')).state)).toBe(later(state.startedAt, 15 * MINUTE));
    expect(after().saga[0]).toMatchObject({ data: { deadline: later(state.startedAt, 15 * MINUTE) } });
  });

  it('aborts the saga: it compensates with the failure that the definition says', () => {
    specification
      .given(done('room'))
      .when(deadlinePassed)
      .then({ status: 'compensating', saga: ['deadline-passed', 'abort-requested'], messages: [] });
    specification
      .given(done('room'), deadlinePassed)
      .when(done('money'))
      .then({ waitsFor: 'compensate money', messages: ['other.refund.v1'] });
    expect(after(done('room'), deadlinePassed).state.failure).toEqual(EXPIRED);
  });

  it('wakes a parked saga, which compensates at once', () => {
    const parked = after(done('room'), timedOut).state;
    expect(parked.status).toBe('parked');
    expect(deadlineOf(parked)).toBe(later(parked.startedAt, 15 * MINUTE));
    specification
      .given(done('room'), timedOut)
      .when(deadlinePassed)
      .then({
        status: 'compensating',
        saga: ['deadline-passed', 'abort-requested', 'step-given-up'],
        messages: ['other.refund.v1'],
      });
  });

  it('is kept by a paused saga until it is resumed', () => {
    const pause = operated({ action: 'pause' });
    const paused = after(done('room'), pause).state;
    expect(deadlineOf(paused)).toBe(later(paused.startedAt, 15 * MINUTE));
    specification.given(done('room'), pause).when(deadlinePassed).then({ status: 'paused', messages: [] });
    specification
      .given(done('room'), pause, deadlinePassed)
      .when(operated({ action: 'resume' }))
      .then({ messages: ['other.refund.v1'] });
    expect(deadlineOf(after(done('room'), pause, deadlinePassed).state)).toBeUndefined();
  });

  it('passes once, and changes nothing of a saga that compensates, is past its pivot, or has ended', () => {
    specification.given(done('room'), deadlinePassed).when(deadlinePassed).then({ saga: [] });
    const pastPivot = [done('room'), done('money')];
    specification
      .given(...pastPivot)
      .when(deadlinePassed)
      .then({ status: 'running', saga: ['deadline-passed'] });
    const { state } = after(...pastPivot, deadlinePassed);
    expect(deadlineOf(state)).toBe(later(state.startedAt, 20 * MINUTE + 2_000));
    specification
      .given(...pastPivot, deadlinePassed)
      .when(done('letter'))
      .then({ status: 'completed' });
    expect(deadlineOf(after(...pastPivot, done('letter')).state)).toBeUndefined();
    const compensating = after(done('room'), refused('money', 'NO')).state;
    expect(deadlineOf(compensating)).toBe(compensating.pending?.deadline);
    expect(deadlineOf(after(refused('room', 'NO')).state)).toBeUndefined();
  });

  it('is a length of time', () => {
    for (const withinMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => start('wrong', { withinMs, failure: EXPIRED })).toThrow(
        'saga wrong: its deadline must be a number of milliseconds above 0, and at most a year',
      );
    expect(after().saga[0]?.data).toHaveProperty('deadline');
    expect(runSaga(start('endless').call('a', call('a')), { data }, []).saga[0]?.data).not.toHaveProperty('deadline');
  });
});

describe('a saga that sleeps', () => {
  const nap = start('nap')
    .call('bed', call('bed'), { compensate: call('free-bed') })
    .sleep('night', 8 * 60 * MINUTE)
    .pivot()
    .call('coffee', call('coffee'));
  const naps = sagaSpecification(nap, { data });
  const run = (...inputs: Parameters<typeof runSaga<any, any, any, any>>[2]) => runSaga(nap as never, { data }, inputs);

  it('sends nothing until the time is over', () => {
    naps.given().when(done('bed')).then({ status: 'running', waitsFor: 'do night', messages: [] });
    const { state } = run(done('bed'));
    expect(deadlineOf(state)).toBe(later(state.startedAt, 8 * 60 * MINUTE + 1_000));
    naps
      .given(done('bed'))
      .when(timedOut)
      .then({ saga: ['step-completed'], messages: ['other.coffee.v1'] });
    expect(() => new SagaRunner('any', [nap], { now: () => new Date() })).not.toThrow();
  });

  it('is woken by an abort', () => {
    naps
      .given(done('bed'))
      .when(aborted('WHIM'))
      .then({ status: 'compensating', messages: ['other.free-bed.v1'] });
    naps.given(done('bed'), aborted('WHIM')).when(compensated('bed')).then({ status: 'compensated' });
  });

  it('is woken by an operator, who may also skip the rest', () => {
    naps
      .given(done('bed'))
      .when(operated({ action: 'run-now' }))
      .then({ saga: ['step-completed'], messages: ['other.coffee.v1'] });
    const skip = operated({ action: 'skip', step: 'night' });
    naps
      .given(done('bed'), operated({ action: 'pause' }), skip)
      .when(operated({ action: 'resume' }))
      .then({ messages: ['other.coffee.v1'] });
    const asked = { action: 'skip', step: 'night', reason: 'w', by: { id: 's', email: 's@s.s' } } as const;
    expect(refusalOf(nap, run(done('bed'), operated({ action: 'pause' })).state, asked)).toBeUndefined();
  });

  it('sleeps until the same time if it was paused meanwhile, and from its resumption if it had not begun', () => {
    const [pause, resume] = [operated({ action: 'pause' }), operated({ action: 'resume' })];
    const until = run(done('bed')).state.pending!.deadline;
    const resumed = run(done('bed'), pause, resume).state;
    expect(resumed.pending).toEqual({ step: 1, phase: 'do', attempt: 1, deadline: until });
    expect(run(pause, done('bed'), resume).state.pending).toMatchObject({ attempt: 1, deadline: later(until, 2_000) });
    naps
      .given(done('bed'), pause, resume)
      .when(timedOut)
      .then({ messages: ['other.coffee.v1'] });
    naps
      .given(done('bed'), pause, aborted('WHIM'))
      .when(resume)
      .then({ messages: ['other.free-bed.v1'] });
  });

  it('has its sleep in the timeline', () => {
    const { saga: events, state } = run(done('bed'), timedOut);
    expect(timelineOf(events, state.steps)).toMatchObject([
      { step: 'bed', outcome: 'done' },
      { step: 'night', outcome: 'done', endedAt: later(state.startedAt, 2_000) },
      { step: 'coffee' },
    ]);
  });

  it('sleeps for a length of time', () => {
    expect(() => start('wrong').sleep('night', 0)).toThrow('saga wrong: the time that night sleeps must be');
  });
});
