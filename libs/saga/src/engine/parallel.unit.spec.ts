import { defineCommand } from '@seam/messaging/contract';
import {
  aborted,
  compensated,
  done,
  operated,
  redriven,
  refused,
  runSaga,
  sagaSpecification,
  type SagaTestInput,
  stepTimedOut,
  timedOut,
} from '@seam/testing';
import { z } from 'zod';
import { send } from '../definition.js';
import { SagaRunner } from '../runner.js';
import { saga } from '../saga-builder.js';
import { isAsQueried } from '../saga-finder.js';
import { Trip } from '../testing/trip.js';
import { stepsToCome, timelineOf } from '../timeline.js';
import { refusalOf } from './operator.js';
import { deadlineOf, type SagaEvent } from './state.js';

const command = (name: string) =>
  defineCommand({ service: 'other', name, data: z.object({}), reply: z.object({ n: z.int().optional() }) });
const call = (name: string) => send(command(name), () => ({}));

const start = (name: string) =>
  saga(name, {
    version: 1,
    input: z.object({ id: z.string(), wired: z.boolean() }),
    aggregate: Trip,
    aggregateId: ({ id }) => id,
  });
const retry = { attempts: 2, jitter: 0 };

/** `wire` only has to be sent where the input says so; `text` may fail. */
const stay = start('stay')
  .call('room', call('room'), { compensate: call('free-room') })
  .parallel((together) =>
    together
      .call('deposit', call('deposit'), { compensate: call('refund'), attemptTimeoutMs: 30_000, retry })
      .call('key', call('key'), { compensate: call('lock'), attemptTimeoutMs: 10_000, retry })
      .call('text', call('text'), { optional: true })
      .call('wire', call('wire'), { when: ({ input }) => input.wired }),
  )
  .decide('seal', ({ at, results }) => [
    { type: 'trip-sealed', at, data: { deposit: results.deposit.n, key: results.key.n, text: results.text?.n } },
  ]);

const data = { id: 's1', wired: false };
const specification = sagaSpecification(stay, { data });
type Input = SagaTestInput<'room' | 'deposit' | 'key' | 'text' | 'wire' | 'seal'>;
const room: Input = done('room');
const after = (...inputs: Input[]) => runSaga(stay, { data }, inputs);
const last = (...inputs: Input[]): SagaEvent => after(...inputs).saga.at(-1)!;

describe('a parallel group', () => {
  it('is sent in one commit, without the steps whose condition is not met', () => {
    specification
      .given()
      .when(room)
      .then({
        saga: ['step-completed', 'step-skipped'],
        waitsFor: ['do deposit', 'do key', 'do text'],
        messages: ['other.deposit.v1', 'other.key.v1', 'other.text.v1'],
      });
    sagaSpecification(stay, { data: { ...data, wired: true } })
      .given()
      .when(room)
      .then({ messages: ['other.deposit.v1', 'other.key.v1', 'other.text.v1', 'other.wire.v1'] });
  });

  it('is joined in any sequence of the replies, and later steps get all results', () => {
    specification
      .given(room, done('text', { n: 3 }), done('deposit', { n: 1 }))
      .when(done('key', { n: 2 }))
      .then({
        status: 'completed',
        events: [{ type: 'trip-sealed', data: { deposit: 1, key: 2, text: 3 } }],
      });
    specification
      .given(room, done('key', { n: 2 }))
      .when(done('text'))
      .then({ status: 'running', waitsFor: 'do deposit', messages: [] });
  });

  it('takes each reply once, and goes on without an optional step that is refused', () => {
    specification.given(room, done('key')).when(done('key'), refused('key', 'NO')).then({ saga: [], messages: [] });
    specification
      .given(room, done('key'), done('deposit', { n: 1 }))
      .when(refused('text', 'NO_PHONE'))
      .then({ status: 'completed', saga: ['step-declined', 'step-completed'] });
  });

  it('compensates, after a refusal, the siblings that are done and those that answer later, in reverse', () => {
    specification
      .given(room, done('key'))
      .when(refused('deposit', 'NO_MONEY'))
      .then({ status: 'compensating', saga: ['step-refused'], waitsFor: 'do text', messages: [] });
    specification
      .given(room, refused('deposit', 'NO_MONEY'), done('text'))
      .when(done('key'))
      .then({ waitsFor: 'compensate key', messages: ['other.lock.v1'] });
    specification
      .given(room, refused('deposit', 'NO_MONEY'), done('text'), done('key'))
      .when(compensated('key'))
      .then({ waitsFor: 'compensate room', messages: ['other.free-room.v1'] });
  });

  it('compensates a sibling that does not answer after a refusal, and sends it no second time', () => {
    specification
      .given(room, refused('deposit', 'NO_MONEY'), done('text'))
      .when(stepTimedOut('key'))
      .then({ saga: ['step-given-up'], messages: ['other.lock.v1'] });
    specification
      .given(room, refused('key', 'NO_KEY'), done('text'))
      .when(stepTimedOut('deposit'))
      .then({ saga: ['step-given-up'], messages: ['other.refund.v1'] });
  });

  it('remembers a sibling that may have been done until the others are answered', () => {
    // Its first attempt was not answered, the second one is refused: the first may still arrive.
    specification
      .given(room, stepTimedOut('deposit'), refused('deposit', 'NO_MONEY'), done('text'))
      .when(refused('key', 'NO_KEY'))
      .then({ waitsFor: 'compensate deposit', messages: ['other.refund.v1'] });
    specification
      .given(room, refused('key', 'NO_KEY'), stepTimedOut('deposit'))
      .when(done('text'))
      .then({ waitsFor: 'compensate deposit', messages: ['other.refund.v1'] });
  });

  it('waits for the siblings after it was aborted', () => {
    specification
      .given(room, done('key'), aborted('WHIM'))
      .when(done('text'))
      .then({ status: 'compensating', messages: [] });
    specification
      .given(room, done('key'), aborted('WHIM'), done('text'))
      .when(done('deposit'))
      .then({ messages: ['other.lock.v1'] });
  });

  it('has a time limit and attempts for each step', () => {
    const { state } = after(room);
    expect(deadlineOf(state)).toBe(new Date(Date.parse(state.startedAt) + 11_000).toISOString());
    specification
      .given(room)
      .when(timedOut)
      .then({ saga: ['step-retried'], messages: ['other.key.v1'], waitsFor: ['do deposit', 'do key', 'do text'] });
    const retried = after(room, stepTimedOut('key')).state;
    expect(retried.steps.map(({ attempts }) => attempts)).toEqual([1, 1, 2, 1, 1, 0]);
    expect(retried.steps[2]).toMatchObject({ name: 'key', error: expect.stringContaining('attempt 1 of 2') });
    expect(retried.steps[1]?.error).toBeUndefined();
    expect(isAsQueried(retried, { retrying: true, step: 'text' })).toBe(true);
    expect(isAsQueried(after(room).state, { retrying: true })).toBe(false);
    expect(isAsQueried(retried, { step: 'room' })).toBe(false);
  });
});

describe('a parallel group of which one step has no attempt left', () => {
  const stuck: Input[] = [room, stepTimedOut('key'), stepTimedOut('key')];

  it('parks the saga, which records the replies to the others', () => {
    specification.given(room, stepTimedOut('key')).when(stepTimedOut('key')).then({ status: 'parked', messages: [] });
    specification
      .given(...stuck)
      .when(done('deposit'))
      .then({ status: 'parked', saga: ['step-completed'], messages: [] });
    specification
      .given(...stuck, done('deposit'))
      .when(stepTimedOut('text'))
      .then({ status: 'parked', saga: [] });
  });

  it('continues by a late reply: with the others, or after them', () => {
    specification
      .given(...stuck)
      .when(done('key'))
      .then({ status: 'running', waitsFor: ['do deposit', 'do text'], messages: [] });
    specification
      .given(...stuck, done('deposit'), done('text'))
      .when(done('key'))
      .then({ status: 'completed' });
  });

  it('is sent again by an operator, and only that step', () => {
    specification
      .given(...stuck)
      .when(redriven)
      .then({ status: 'running', messages: ['other.key.v1'], waitsFor: ['do deposit', 'do key', 'do text'] });
  });

  it('compensates at once what it is parked at when it is aborted, or when another step is refused', () => {
    specification
      .given(...stuck, done('text'), done('deposit'))
      .when(aborted('WHIM'))
      .then({ saga: ['abort-requested', 'step-given-up'], messages: ['other.lock.v1'] });
    specification
      .given(...stuck, done('text'))
      .when(refused('deposit', 'NO_MONEY'))
      .then({ saga: ['step-refused', 'step-given-up'], messages: ['other.lock.v1'] });
    specification
      .given(...stuck)
      .when(aborted('WHIM'))
      .then({ status: 'compensating', waitsFor: ['do deposit', 'do text'], messages: [] });
  });
});

describe('an operator', () => {
  const pause = operated({ action: 'pause' });

  it('skips one step of a group, with a result', () => {
    const skip = operated({ action: 'skip', step: 'key', result: { n: 7 } });
    specification
      .given(room, pause)
      .when(skip)
      .then({ status: 'paused', saga: ['step-completed'], messages: [] });
    const { state } = after(room, pause, skip, done('deposit', { n: 1 }), done('text'));
    expect(state.pending).toMatchObject({ step: 5, held: true });
    expect(refusalOf(stay, after(room, pause).state, { ...asked, action: 'skip', step: 'room' })?.message).toBe(
      'Saga saga-1 is at deposit and key and text, not at room',
    );
  });

  it('resumes a group: each command that was sent counts as an attempt', () => {
    specification
      .given(room, pause, done('text'))
      .when(operated({ action: 'resume' }))
      .then({ messages: ['other.deposit.v1', 'other.key.v1'] });
    expect(after(room, pause, operated({ action: 'resume' })).state.steps[1]?.attempts).toBe(2);
    const held = after(pause, room).messages.map(({ type }) => type);
    expect(held).toEqual(['other.room.v1']);
    specification
      .given(pause, room)
      .when(operated({ action: 'resume' }))
      .then({ messages: ['other.deposit.v1', 'other.key.v1', 'other.text.v1'] });
  });

  it('has all steps of a group sent again now, or restarts all of them from any', () => {
    specification
      .given(room, done('text'))
      .when(operated({ action: 'run-now' }))
      .then({ messages: ['other.deposit.v1', 'other.key.v1'] });
    specification
      .given(room, done('text'), done('deposit'), pause, operated({ action: 'restart-from', step: 'key' }))
      .when(operated({ action: 'resume' }))
      .then({ messages: ['other.deposit.v1', 'other.key.v1', 'other.text.v1'] });
    // What was done before is compensated, even if it is refused now.
    const again = [pause, operated({ action: 'restart-from', step: 'key' }), operated({ action: 'resume' })];
    specification
      .given(room, done('deposit'), ...again, done('text'), refused('deposit', 'NO_MONEY'))
      .when(done('key'))
      .then({ waitsFor: 'compensate key' });
    specification
      .given(room, done('deposit'), ...again, done('text'), refused('deposit', 'NO'), done('key'))
      .when(compensated('key'))
      .then({ waitsFor: 'compensate deposit' });
  });

  it('compensates a saga that waits for a group', () => {
    specification
      .given(room, done('key'), done('text'), pause, operated({ action: 'compensate' }))
      .when(operated({ action: 'resume' }))
      .then({ saga: ['saga-resumed', 'step-given-up'], messages: ['other.lock.v1'] });
  });
});

const asked = { reason: 'why', by: { id: 'staff-1', email: 'staff@seam.local' } };

describe('the timeline of a group', () => {
  it('has each attempt once, with its own end', () => {
    const { saga: events, state } = after(room, done('deposit', { n: 1 }), stepTimedOut('key'), done('key'));
    const attempts = timelineOf(events, state.steps).flatMap((one) =>
      one.kind === 'attempt' ? [`${one.step} ${one.attempt} ${one.outcome ?? 'open'}`] : [],
    );
    expect(attempts).toEqual([
      'room 1 done',
      'deposit 1 done',
      'key 1 unanswered',
      'text 1 open',
      'wire 1 unmet',
      'key 2 done',
    ]);
    expect(stepsToCome(state, () => true)).toEqual([{ step: 'seal', phase: 'do' }]);
  });

  it('has the compensations that come after a refusal', () => {
    const { state } = after(room, done('deposit'), refused('text', 'X'), refused('key', 'NO_KEY'));
    expect(state.pending).toMatchObject({ phase: 'undo', step: 1 });
    const waiting = after(room, done('deposit'), refused('key', 'NO_KEY')).state;
    expect(stepsToCome(waiting, () => true).map(({ step }) => step)).toEqual(['text', 'deposit', 'room']);
  });
});

describe('a definition with a group', () => {
  it('does not start if a step of a group before the pivot has no compensation', () => {
    const definition = start('bare')
      .parallel((together) => together.call('a', call('a'), { compensate: call('b') }).call('c', call('c')))
      .pivot();
    expect(() => new SagaRunner('any', [definition], { now: () => new Date() })).toThrow(
      'saga bare: the step c is before the pivot',
    );
  });

  it('needs two steps with names of their own, and gives no step the result of another', () => {
    expect(() => start('lone').parallel((together) => together.call('a', call('a')))).toThrow(
      'saga lone: a parallel group needs at least two steps',
    );
    expect(() => start('twice').parallel((together) => together.call('a', call('a')).call('a', call('b')))).toThrow(
      'saga twice has two steps named a',
    );
    start('apart').parallel((together) =>
      together.call('a', call('a')).call(
        'b',
        // @ts-expect-error -- they are sent together
        send(command('b'), ({ results }) => ({ n: results.a.n })),
      ),
    );
  });

  it('stores what it waits for besides the first step only where there is more', () => {
    expect(last(room)).not.toHaveProperty('data.also.2');
    expect(last(room)).toMatchObject({ data: { next: { step: 1 }, also: [{ step: 2 }, { step: 3 }] } });
    expect(after(room, done('key'), done('text')).saga.at(-1)).toMatchObject({ data: { next: { step: 1 } } });
    expect(last(room, done('key'), done('text')).data).not.toHaveProperty('also');
  });
});
