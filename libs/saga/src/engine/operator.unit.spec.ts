import {
  aborted,
  compensated,
  compensationRefused,
  done,
  type SagaTestInput,
  type StepOf,
  operated,
  refused,
  runSaga,
  sagaSpecification,
  timedOut,
} from '@seam/testing';
import { tripSaga } from '../testing/trip.js';
import { type OperatorRequest, refusalOf } from './operator.js';

const trip = sagaSpecification(tripSaga, { data: { tripId: 't1' } });
const by = { id: 'staff-1', email: 'staff@seam.local' };
const asked = (action: string) => ({ action, reason: 'why', by });

const [pause, resume] = [operated({ action: 'pause' }), operated({ action: 'resume' })];
const compensate = operated({ action: 'compensate' });
const parked = [timedOut, timedOut, timedOut];
const parkedCompensating = [done('flight'), refused('hotel', 'FULL'), compensationRefused('flight', 'GONE', 'flown')];

const after = (...inputs: SagaTestInput<StepOf<typeof tripSaga>>[]) =>
  runSaga(tripSaga, { data: { tripId: 't1' } }, inputs);
const last = (...inputs: SagaTestInput<StepOf<typeof tripSaga>>[]) => after(...inputs).saga.at(-1)!;

describe('a paused saga', () => {
  it('records the reply that arrives, and sends nothing', () => {
    trip
      .given(pause)
      .when(done('flight'))
      .then({
        status: 'paused',
        saga: ['step-completed'],
        waitsFor: 'do hotel',
        messages: [],
      });
    trip.given(pause, done('flight')).when(timedOut).then({ saga: [], messages: [] });
  });

  it('does no local step until it is resumed', () => {
    trip.given(done('flight'), pause).when(done('hotel')).then({ status: 'paused', events: [], messages: [] });
    trip
      .given(done('flight'), pause, done('hotel'))
      .when(resume)
      .then({
        status: 'running',
        saga: ['saga-resumed', 'step-completed'],
        events: ['trip-sealed'],
        messages: ['post.write.v1'],
      });
  });

  it('sends the command again when resumed, as a further attempt only if it was sent before', () => {
    trip
      .given(pause)
      .when(resume)
      .then({ status: 'running', messages: ['flights.book.v1'] });
    expect(after(pause, resume).state.pending).toMatchObject({ attempt: 2 });
    const { pending } = after(pause, done('flight'), resume).state;
    expect(pending).toMatchObject({ step: 2, attempt: 1 });
    expect(pending).not.toHaveProperty('held');
  });

  it('compensates after it is resumed, if a reply was a refusal, or if it was aborted', () => {
    trip.given(pause).when(refused('flight', 'FULL')).then({ status: 'paused', events: [], messages: [] });
    trip
      .given(pause, refused('flight', 'FULL'))
      .when(resume)
      .then({ status: 'compensated', events: ['trip-closed'] });
    trip
      .given(pause)
      .when(aborted('WHIM'))
      .then({ status: 'paused', saga: ['abort-requested'], messages: [] });
    trip
      .given(pause, aborted('WHIM'))
      .when(resume)
      .then({
        status: 'compensating',
        saga: ['saga-resumed', 'step-given-up'],
        messages: ['flights.unbook.v1'],
      });
  });

  it('ends if its last reply arrives', () => {
    const before = [done('flight'), done('hotel'), pause];
    trip
      .given(...before)
      .when(done('letter'))
      .then({ status: 'completed', waitsFor: undefined });
  });

  it('counts no further attempt of a step that it compensates when it is resumed', () => {
    const { state } = after(pause, aborted('WHIM'), resume);
    expect(state.steps.find(({ name }) => name === 'flight')).toMatchObject({ state: 'compensating', attempts: 1 });
  });

  it('is the same if it is paused or resumed again', () => {
    trip.given(pause).when(pause).then({ status: 'paused', saga: [] });
    trip.given(pause, resume).when(resume).then({ status: 'running', saga: [], messages: [] });
  });
});

describe('an operator’s action', () => {
  it('is in the event, with reason and operator', () => {
    expect(last(pause)).toMatchObject({ type: 'saga-paused', data: { operator: asked('pause') } });
    expect(last(pause, resume)).toMatchObject({ type: 'saga-resumed', data: { operator: asked('resume') } });
    expect(last(compensate)).toMatchObject({ type: 'abort-requested', data: { operator: asked('compensate') } });
    const skip = operated({ action: 'skip', step: 'flight', result: { seat: '1A' } });
    expect(last(...parked, skip).data).toMatchObject({ operator: asked('skip'), result: { seat: '1A' } });
  });

  it('retry sends the parked saga’s command again, with all its attempts', () => {
    trip
      .given(...parked)
      .when(operated({ action: 'retry' }))
      .then({
        status: 'running',
        saga: ['saga-redriven'],
        messages: ['flights.book.v1'],
      });
  });

  it('run-now sends the command again without waiting for the time limit', () => {
    trip
      .given()
      .when(operated({ action: 'run-now' }))
      .then({ saga: ['step-retried'], messages: ['flights.book.v1'] });
    trip
      .given(operated({ action: 'run-now' }))
      .when(timedOut)
      .then({ saga: ['step-retried'] });
  });

  it('compensate compensates a parked saga at once, its step included, with the operator’s reason', () => {
    trip
      .given(done('flight'), done('hotel'), timedOut)
      .when(compensate)
      .then({
        status: 'compensating',
        saga: ['abort-requested', 'step-given-up'],
        messages: ['hotels.unbook.v1'],
      });
    const { failure } = after(...parked, operated({ action: 'compensate', code: 'FRAUD' })).state;
    expect(failure).toEqual({ code: 'FRAUD', reason: 'why' });
  });

  it('skip goes on as if the step were done, or compensated', () => {
    trip
      .given(...parked)
      .when(operated({ action: 'skip', step: 'flight' }))
      .then({
        status: 'running',
        waitsFor: 'do hotel',
        messages: ['hotels.book.v1'],
      });
    trip
      .given(...parkedCompensating)
      .when(operated({ action: 'skip', step: 'flight' }))
      .then({
        status: 'compensated',
        saga: ['step-compensated', 'step-compensated'],
        events: ['trip-closed'],
      });
    trip
      .given(pause)
      .when(operated({ action: 'skip', step: 'flight' }))
      .then({ status: 'paused', messages: [] });
  });
});

describe('a saga that is restarted from an earlier step', () => {
  const atLetter = [done('flight'), done('hotel'), timedOut];
  const restart = operated({ action: 'restart-from', step: 'flight' });

  it('does that step and all after it again', () => {
    trip
      .given(...atLetter)
      .when(restart)
      .then({
        status: 'running',
        waitsFor: 'do flight',
        saga: ['saga-restarted'],
        messages: ['flights.book.v1'],
      });
    trip
      .given(...atLetter, restart, done('flight'), done('hotel'))
      .when(done('letter'))
      .then({ status: 'completed' });
  });

  it('compensates what was done before the restart, too, in reverse order', () => {
    trip
      .given(...atLetter, restart)
      .when(refused('flight', 'FULL'))
      .then({
        status: 'compensating',
        waitsFor: 'compensate hotel',
        messages: ['hotels.unbook.v1'],
      });
    trip
      .given(...atLetter, restart, refused('flight', 'FULL'), compensated('hotel'))
      .when(compensated('flight'))
      .then({ status: 'compensated', events: ['trip-closed'] });
  });

  it('sends nothing while it is paused', () => {
    trip.given(done('flight'), pause).when(restart).then({ status: 'paused', waitsFor: 'do flight', messages: [] });
  });
});

describe('an operator’s action is refused', () => {
  const request = (of: Partial<OperatorRequest> & Pick<OperatorRequest, 'action'>): OperatorRequest =>
    ({ reason: 'why', by, ...of }) as OperatorRequest;
  it.each<[string, SagaTestInput<StepOf<typeof tripSaga>>[], OperatorRequest, string]>([
    ['on a saga that has ended', [refused('flight', 'FULL')], request({ action: 'pause' }), 'SAGA.ENDED'],
    ['retry, if it is not parked', [], request({ action: 'retry' }), 'SAGA.NOT_PARKED'],
    ['retry, if it is paused', [pause], request({ action: 'retry' }), 'SAGA.NOT_PARKED'],
    ['pause, if it is parked', parked, request({ action: 'pause' }), 'SAGA.STANDS_STILL'],
    ['resume, if it is parked', parked, request({ action: 'resume' }), 'SAGA.STANDS_STILL'],
    ['run-now, if it is paused', [pause], request({ action: 'run-now' }), 'SAGA.STANDS_STILL'],
    [
      'compensate, if it is parked compensating',
      parkedCompensating,
      request({ action: 'compensate' }),
      'SAGA.STANDS_STILL',
    ],
    ['skip, if it runs', [], request({ action: 'skip', step: 'flight' }), 'SAGA.NOT_STOPPED'],
    ['skip of another step', parked, request({ action: 'skip', step: 'hotel' }), 'SAGA.NOT_AT_STEP'],
    ['restart, if it runs', [], request({ action: 'restart-from', step: 'flight' }), 'SAGA.NOT_STOPPED'],
    [
      'restart while compensating',
      parkedCompensating,
      request({ action: 'restart-from', step: 'flight' }),
      'SAGA.COMPENSATING',
    ],
    ['restart from a later step', parked, request({ action: 'restart-from', step: 'hotel' }), 'SAGA.UNKNOWN_STEP'],
    ['restart from its start', parked, request({ action: 'restart-from', step: 'open' }), 'SAGA.UNKNOWN_STEP'],
  ])('%s', (_, inputs, of, code) => {
    expect(refusalOf(tripSaga as never, after(...inputs).state, of)).toMatchObject({ code });
  });
});
