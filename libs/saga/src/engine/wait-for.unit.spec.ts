import { defineCommand, defineEvent } from '@seam/messaging/contract';
import { aborted, compensated, done, operated, refused, runSaga, sagaSpecification, timedOut } from '@seam/testing';
import { z } from 'zod';
import { send } from '../definition.js';
import { SagaRunner } from '../runner.js';
import { saga } from '../saga-builder.js';
import { Trip } from '../testing/trip.js';
import { deadlineOf } from './state.js';

const command = (name: string) =>
  defineCommand({ service: 'other', name, data: z.object({ n: z.int().optional() }), reply: z.object({}) });
const Paid = defineEvent({ service: 'bank', name: 'paid', data: z.object({ reference: z.string(), cents: z.int() }) });

const MINUTE = 60_000;
const UNPAID = { code: 'UNPAID', reason: 'no payment has come' };
const start = (name: string) =>
  saga(name, {
    version: 1,
    input: z.object({ id: z.string() }),
    aggregate: Trip,
    aggregateId: ({ id }) => id,
  });
const key = { key: ({ reference }: { reference: string }) => reference, equals: ({ input }: any) => input.id };

const stay = start('stay')
  .call(
    'room',
    send(command('room'), () => ({})),
    { compensate: send(command('free-room'), () => ({})) },
  )
  .waitFor('paid', Paid, {
    key: ({ reference }) => reference,
    equals: ({ input }) => `booking ${input.id}`,
    withinMs: 15 * MINUTE,
    orElse: UNPAID,
  })
  .pivot()
  .call(
    'letter',
    send(command('letter'), ({ results }) => ({ n: results.paid.cents })),
  );
const data = { id: 's1' };
const specification = sagaSpecification(stay, { data });
const paid = done('paid', { reference: 'booking s1', cents: 700 });

describe('a step that waits for an event', () => {
  it('says what it waits for to its own service, and goes on with the data of the event', () => {
    specification
      .given()
      .when(done('room'))
      .then({ status: 'running', waitsFor: 'do paid', messages: ['tested.await-event.v1'] });
    const { messages, state } = runSaga(stay, { data }, [done('room')]);
    expect(messages.at(-1)).toMatchObject({ target: 'tested', data: { type: 'bank.paid.v1', key: 'booking s1' } });
    expect(deadlineOf(state)).toBe(new Date(Date.parse(state.startedAt) + 1_000 + 15 * MINUTE).toISOString());
    specification
      .given(done('room'))
      .when(paid)
      .then({ messages: ['other.letter.v1'] });
    expect(runSaga(stay, { data }, [done('room'), paid]).messages.at(-1)?.data).toEqual({ n: 700 });
  });

  it('compensates if none comes in time, and ignores one that comes too late', () => {
    specification
      .given(done('room'))
      .when(timedOut)
      .then({ status: 'compensating', messages: ['other.free-room.v1'] });
    expect(runSaga(stay, { data }, [done('room'), timedOut]).state.failure).toEqual(UNPAID);
    specification.given(done('room'), timedOut).when(paid).then({ saga: [], messages: [] });
    specification.given(done('room'), timedOut, paid).when(compensated('room')).then({ status: 'compensated' });
  });

  it('goes on, or is parked, if it is defined so', () => {
    const optional = start('any').waitFor('paid', Paid, { ...key, withinMs: MINUTE, orElse: UNPAID, optional: true });
    const seal = optional.decide('seal', ({ at, results }) => [
      { type: 'trip-sealed', at, data: { cents: results.paid?.cents } },
    ]);
    sagaSpecification(seal, { data }).given().when(timedOut).then({ status: 'completed' });
    const parking = start('any').waitFor('paid', Paid, { ...key, withinMs: MINUTE, orElse: 'park' });
    sagaSpecification(parking, { data }).given().when(timedOut).then({ status: 'parked' });
    sagaSpecification(parking, { data }).given(timedOut).when(paid).then({ status: 'completed' });
    const skipped = start('any').waitFor('paid', Paid, { ...key, withinMs: MINUTE, orElse: 'park', when: () => false });
    sagaSpecification(skipped, { data }).given().when().then({ status: 'completed', messages: [] });
  });

  it('takes only what the contract of the event allows', () => {
    const wrong = done('paid', { reference: 'booking s1', cents: 'many' });
    expect(() => runSaga(stay, { data }, [done('room'), wrong])).toThrow(/does not match.*cents/s);
    specification
      .given(done('room'), operated({ action: 'pause' }))
      .when(operated({ action: 'skip', step: 'paid', result: { reference: 'cash', cents: 5 } }))
      .then({ status: 'paused', saga: ['step-completed'] });
  });

  it('ends at once when the saga is aborted, and keeps its time while it is paused', () => {
    specification
      .given(done('room'))
      .when(aborted('WHIM'))
      .then({ status: 'compensating', messages: ['other.free-room.v1'] });
    const before = runSaga(stay, { data }, [done('room')]).state.pending;
    const [pause, resume] = [operated({ action: 'pause' }), operated({ action: 'resume' })];
    expect(runSaga(stay, { data }, [done('room'), pause, resume]).state.pending).toEqual(before);
    specification
      .given(pause, done('room'))
      .when(resume)
      .then({ messages: ['tested.await-event.v1'] });
    specification
      .given(done('room'), pause, paid)
      .when(resume)
      .then({ messages: ['other.letter.v1'] });
  });

  it('needs no compensation before the pivot, and cannot fail after it', () => {
    const of = (definition: unknown) => () => new SagaRunner('any', [definition], { now: () => new Date() });
    expect(of(stay)).not.toThrow();
    expect(
      of(
        start('late')
          .pivot()
          .waitFor('paid', Paid, { ...key, withinMs: MINUTE, orElse: UNPAID }),
      ),
    ).toThrow('saga late: the step paid is after the pivot');
    expect(() => start('never').waitFor('paid', Paid, { ...key, withinMs: 0, orElse: UNPAID })).toThrow(
      'saga never: the time that paid waits must be',
    );
    // @ts-expect-error -- the event has no such field
    start('typed').waitFor('paid', Paid, { ...key, key: ({ id }) => id, withinMs: MINUTE, orElse: UNPAID });
    specification.given(refused('room', 'FULL')).when(paid).then({ saga: [] });
  });
});
