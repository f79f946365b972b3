import { defineCommand } from '@seam/messaging/contract';
import { aborted, done, operated, redriven, refused, runSaga, sagaSpecification, timedOut } from '@seam/testing';
import { z } from 'zod';
import { send } from '../definition.js';
import { SagaRunner } from '../runner.js';
import { saga } from '../saga-builder.js';
import { Trip } from '../testing/trip.js';
import { timelineOf } from '../timeline.js';
import { refusalOf } from './operator.js';

const command = (name: string) =>
  defineCommand({ service: 'other', name, data: z.object({}), reply: z.object({ n: z.int().optional() }) });
const call = (name: string) => send(command(name), () => ({}));
const once = { attempts: 1 };

const start = (name: string) =>
  saga(name, {
    version: 1,
    input: z.object({ id: z.string(), insured: z.boolean() }),
    aggregate: Trip,
    aggregateId: ({ id }) => id,
  });

const tour = start('tour')
  .call('seat', call('seat'), { compensate: call('free-seat') })
  .call('meal', call('meal'), {
    optional: true,
    compensate: call('cancel-meal'),
    retry: once,
    onRetriesExhausted: { code: 'NO_MEAL', reason: 'the kitchen does not answer' },
  })
  .call('insurance', call('insurance'), { when: ({ input }) => input.insured, compensate: call('cancel-insurance') })
  .pivot()
  .call('ticket', call('ticket'))
  .decide('seal', ({ at }) => [{ type: 'trip-sealed', at, data: {} }], {
    when: ({ results }) => results.meal?.n !== 7,
  });

const of = (insured: boolean) => sagaSpecification(tour, { data: { id: 't1', insured } });
const [insured, uninsured] = [of(true), of(false)];

describe('an optional step', () => {
  it('that is refused does not make the saga compensate', () => {
    insured
      .given(done('seat'))
      .when(refused('meal', 'SOLD_OUT'))
      .then({ status: 'running', saga: ['step-declined'], waitsFor: 'do insurance', messages: ['other.insurance.v1'] });
  });

  it('that is refused is not compensated later; one that may have been done is', () => {
    insured
      .given(done('seat'), refused('meal', 'SOLD_OUT'))
      .when(refused('insurance', 'TOO_RISKY'))
      .then({ messages: ['other.free-seat.v1'] });
    insured
      .given(done('seat'), timedOut)
      .when(refused('insurance', 'TOO_RISKY'))
      .then({ messages: ['other.cancel-meal.v1'] });
  });

  it('is compensated, and not passed over, if the saga is to be aborted', () => {
    insured
      .given(done('seat'), aborted('WHIM'))
      .when(refused('meal', 'SOLD_OUT'))
      .then({ status: 'compensating', messages: ['other.free-seat.v1'] });
  });
});

describe('a condition', () => {
  it('that is not met skips the step in the same commit', () => {
    uninsured
      .given(done('seat'))
      .when(done('meal'))
      .then({ saga: ['step-completed', 'step-skipped'], waitsFor: 'do ticket', messages: ['other.ticket.v1'] });
  });

  it('is evaluated with the results, and can end the saga', () => {
    insured
      .given(done('seat'), done('meal', { n: 7 }), done('insurance'))
      .when(done('ticket'))
      .then({ status: 'completed', saga: ['step-completed', 'step-skipped'], events: [] });
    insured
      .given(done('seat'), done('meal', { n: 8 }), done('insurance'))
      .when(done('ticket'))
      .then({ status: 'completed', events: ['trip-sealed'] });
  });

  it('is shown in the timeline', () => {
    const { saga: events, state } = runSaga(tour, { data: { id: 't1', insured: false } }, [
      done('seat'),
      refused('meal', 'SOLD_OUT'),
    ]);
    const outcomes = timelineOf(events, state.steps).flatMap((entry) =>
      entry.kind === 'attempt' ? [entry.outcome] : [],
    );
    expect(outcomes).toEqual(['done', 'refused', 'unmet', undefined]);
    expect(state.steps.map((step) => step.state)).toEqual(['done', 'refused', 'skipped', 'running', 'waiting']);
  });
});

describe('after the pivot', () => {
  const past = [done('seat'), done('meal'), done('insurance')] as const;

  it('a refusal parks the saga, and a redrive sends the command again', () => {
    insured
      .given(...past)
      .when(refused('ticket', 'PRINTER_BROKEN'))
      .then({ status: 'parked', saga: ['saga-parked'], waitsFor: 'do ticket', messages: [] });
    insured
      .given(...past, refused('ticket', 'PRINTER_BROKEN'))
      .when(redriven)
      .then({ status: 'running', messages: ['other.ticket.v1'] });
  });

  it('the saga cannot be aborted, nor compensated by an operator', () => {
    insured
      .given(...past)
      .when(aborted('WHIM'))
      .then({ status: 'running', saga: [] });
    const { state } = runSaga(tour, { data: { id: 't1', insured: true } }, past);
    const request = { action: 'compensate', reason: 'asked', by: { id: 'u1', email: 'a@b.c' } } as const;
    expect(refusalOf(tour, state, request)).toMatchObject({ kind: 'conflict', code: 'SAGA.PAST_PIVOT' });
  });

  it('the saga restarts from no step before it', () => {
    const { state } = runSaga(tour, { data: { id: 't1', insured: true } }, [...past, operated({ action: 'pause' })]);
    const from = (step: string) =>
      refusalOf(tour, state, { action: 'restart-from', step, reason: 'asked', by: { id: 'u1', email: 'a@b.c' } });
    expect(from('ticket')).toBeUndefined();
    for (const step of ['seat', 'insurance', 'seal'])
      expect(from(step)).toMatchObject({ kind: 'unprocessable', code: 'SAGA.UNKNOWN_STEP' });
    const before = runSaga(tour, { data: { id: 't1', insured: true } }, [done('seat'), operated({ action: 'pause' })]);
    const request = {
      action: 'restart-from',
      step: 'seat',
      reason: 'asked',
      by: { id: 'u1', email: 'a@b.c' },
    } as const;
    expect(refusalOf(tour, before.state, request)).toBeUndefined();
  });

  it('an abort that came before it compensates, as the saga does not get there', () => {
    insured
      .given(done('seat'), done('meal'), aborted('WHIM'))
      .when(done('insurance'))
      .then({ status: 'compensating', messages: ['other.cancel-insurance.v1'] });
  });

  it.each([
    [
      'a step before it without a compensation',
      start('x').call('a', call('a')).pivot(),
      /saga x: the step a is before/,
    ],
    [
      'a step after it with one',
      start('x')
        .pivot()
        .call('b', call('b'), { compensate: call('c') }),
      /saga x: the step b is after the pivot and has/,
    ],
    [
      'a step after it that fails when its retries are exhausted',
      start('x')
        .pivot()
        .call('b', call('b'), { onRetriesExhausted: { code: 'X', reason: 'x' } }),
      /saga x: the step b is after the pivot, so it cannot fail/,
    ],
  ])('%s does not start', (_, definition, error) => {
    expect(() => new SagaRunner('any', [definition], { now: () => new Date() })).toThrow(error);
  });
});
