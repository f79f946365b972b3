import {
  aborted,
  BEGUN_AT,
  done,
  redriven,
  refused,
  runSaga,
  sagaSpecification,
  timedOut,
  compensated,
  compensationRefused,
} from '@seam/testing';
import { fold } from '@seam/event-sourcing';
import { tripSaga } from '../testing/trip.js';
import { handleInput } from './handle-input.js';
import { Saga } from './state.js';

const trip = sagaSpecification(tripSaga, { data: { tripId: 't1' } });
const tripOf = (...refusing: string[]): typeof trip =>
  sagaSpecification(tripSaga, { data: { tripId: 't1', refusing } });

describe('a running saga', () => {
  it('begins with the first command; the steps done by starting it count as done', () => {
    trip
      .given()
      .when()
      .then({
        status: 'running',
        waitsFor: 'do flight',
        saga: ['saga-started'],
        events: [],
        messages: ['flights.book.v1'],
      });
    const [open, flight] = runSaga(tripSaga, { data: { tripId: 't1' } }, []).state.steps;
    expect(open).toMatchObject({ state: 'done', endedAt: BEGUN_AT });
    expect(flight).toMatchObject({ state: 'running', attempts: 1 });
  });

  it('sends each command with the context for its reply', () => {
    const { messages } = runSaga(tripSaga, { data: { tripId: 't1' } }, [done('flight')]);
    expect(messages).toEqual([
      expect.objectContaining({ type: 'flights.book.v1', target: 'flights', correlationId: 'correlation-1' }),
      expect.objectContaining({
        type: 'hotels.book.v1',
        data: { tripId: 't1' },
        replyTo: {
          service: 'tested',
          context: {
            saga: 'saga-1',
            definition: 'trip',
            version: tripSaga.version,
            aggregateId: 't1',
            step: 'hotel',
            phase: 'do',
            attempt: 1,
            patient: false,
          },
        },
      }),
    ]);
  });

  it('does a local step in the same commit as the preceding reply', () => {
    trip
      .given(done('flight'))
      .when(done('hotel'))
      .then({
        saga: ['step-completed', 'step-completed'],
        events: ['trip-sealed'],
        messages: ['post.write.v1'],
        waitsFor: 'do letter',
      });
  });

  it('completes', () => {
    trip
      .given(done('flight'), done('hotel'))
      .when(done('letter'))
      .then({ status: 'completed', waitsFor: undefined, saga: ['step-completed'], messages: [] });
  });

  it('decides the same from the same inputs', () => {
    const inputs = [
      done('flight'),
      timedOut,
      aborted('WHIM'),
      done('hotel'),
      compensationRefused('hotel', 'X'),
      redriven,
    ];
    const run = (): unknown => runSaga(tripSaga, { data: { tripId: 't1' } }, inputs);
    expect(run()).toEqual(run());
  });
});

describe('a refusal', () => {
  it('of the first command compensates what was done by starting the saga', () => {
    trip
      .given()
      .when(refused('flight', 'FULL'))
      .then({
        status: 'compensated',
        saga: ['step-refused', 'step-compensated'],
        events: ['trip-closed'],
        messages: [],
      });
  });

  it('compensates the previous steps in reverse order, one after the other', () => {
    trip
      .given(done('flight'))
      .when(refused('hotel', 'FULL'))
      .then({ status: 'compensating', waitsFor: 'compensate flight', messages: ['flights.unbook.v1'], events: [] });
    trip
      .given(done('flight'), refused('hotel', 'FULL'))
      .when(compensated('flight'))
      .then({ status: 'compensated', messages: [], events: ['trip-closed'] });
  });

  it('of a local step begins the compensation in the same commit', () => {
    tripOf('seal')
      .given(done('flight'))
      .when(done('hotel'))
      .then({
        status: 'compensating',
        saga: ['step-completed', 'step-refused'],
        events: [],
        messages: ['hotels.unbook.v1'],
      });
  });

  it('leaves a step without a compensation unchanged', () => {
    trip
      .given(done('flight'), done('hotel'))
      .when(refused('letter', 'NO_INK'))
      .then({
        waitsFor: 'compensate hotel',
        messages: ['hotels.unbook.v1'],
      });
    const { state } = runSaga(tripSaga, { data: { tripId: 't1' } }, [
      done('flight'),
      done('hotel'),
      refused('letter', 'NO_INK'),
      compensated('hotel'),
      compensated('flight'),
    ]);
    expect(state.status).toBe('compensated');
    expect(state.failure).toEqual({ code: 'NO_INK', reason: 'no' });
    expect(state.steps.map((step) => step.state)).toEqual([
      'compensated',
      'compensated',
      'compensated',
      'done',
      'refused',
    ]);
  });

  it('of a command with an earlier unanswered attempt compensates that step, too: the first command may still arrive', () => {
    trip
      .given(timedOut)
      .when(refused('flight', 'FULL'))
      .then({
        status: 'compensating',
        waitsFor: 'compensate flight',
        messages: ['flights.unbook.v1'],
      });
    trip
      .given(timedOut, timedOut, timedOut, redriven)
      .when(refused('flight', 'FULL'))
      .then({ waitsFor: 'compensate flight', messages: ['flights.unbook.v1'] });
  });
});

describe('a request to abort', () => {
  const parked = [timedOut, timedOut, timedOut];

  it('waits for the pending answer, and then compensates that step as well', () => {
    trip.given().when(aborted('WHIM')).then({ status: 'compensating', waitsFor: 'do flight', messages: [] });
    trip
      .given(aborted('WHIM'))
      .when(done('flight'))
      .then({ waitsFor: 'compensate flight', messages: ['flights.unbook.v1'] });
  });

  it('skips steps that have not started, including local ones', () => {
    trip
      .given(done('flight'), aborted('WHIM'))
      .when(done('hotel'))
      .then({ waitsFor: 'compensate hotel', events: [], messages: ['hotels.unbook.v1'] });
  });

  it('compensates the previous steps if the pending step is refused', () => {
    trip
      .given(done('flight'), aborted('WHIM'))
      .when(refused('hotel', 'FULL'))
      .then({ waitsFor: 'compensate flight', messages: ['flights.unbook.v1'] });
    expect(
      runSaga(tripSaga, { data: { tripId: 't1' } }, [aborted('WHIM'), refused('flight', 'FULL')]).state.failure,
    ).toEqual({ code: 'WHIM', reason: 'asked for' });
  });

  it.each([
    [
      'during the last step',
      [done('flight'), done('hotel'), aborted('WHIM'), done('letter')],
      'compensate hotel' as const,
    ],
    ['before a retry', [aborted('WHIM'), timedOut, done('flight')], 'compensate flight' as const],
  ])('%s compensates all previous steps', (_, inputs, waitsFor) => {
    const before = inputs.slice(0, -1);
    trip
      .given(...before)
      .when(inputs.at(-1)!)
      .then({ waitsFor, status: 'compensating' });
  });

  it('changes nothing if repeated, while compensating, or at the end', () => {
    const nothing = { saga: [], events: [], messages: [] };
    trip.given(aborted('WHIM')).when(aborted('AGAIN')).then(nothing);
    trip.given(done('flight'), refused('hotel', 'FULL')).when(aborted('LATE')).then(nothing);
    trip
      .given(refused('flight', 'FULL'))
      .when(aborted('LATE'))
      .then({ ...nothing, status: 'compensated' });
    trip
      .given(done('flight'), done('hotel'), done('letter'))
      .when(aborted('LATE'))
      .then({ ...nothing, status: 'completed' });
  });

  it('of a parked saga compensates the unanswered step at once, because it may have happened', () => {
    trip
      .given(...parked)
      .when(aborted('WHIM'))
      .then({
        status: 'compensating',
        saga: ['abort-requested', 'step-given-up'],
        waitsFor: 'compensate flight',
        messages: ['flights.unbook.v1'],
      });
    const turned = [...parked, aborted('WHIM')];
    trip
      .given(...turned)
      .when(done('flight'))
      .then({ saga: [], messages: [] });
    trip
      .given(...turned)
      .when(compensated('flight'))
      .then({ status: 'compensated', events: ['trip-closed'] });
  });

  it('of a saga that is parked while compensating changes nothing', () => {
    trip
      .given(done('flight'), refused('hotel', 'FULL'), compensationRefused('flight', 'GONE'))
      .when(aborted('WHIM'))
      .then({ saga: [], messages: [], status: 'parked' });
  });

  it('is never followed by a forward command, answered or not', () => {
    const unbook = { status: 'compensating', waitsFor: 'compensate flight', messages: ['flights.unbook.v1'] } as const;
    trip.given(aborted('WHIM')).when(timedOut).then(unbook);
    trip
      .given(...parked, aborted('WHIM'), timedOut, timedOut, timedOut)
      .when(redriven)
      .then(unbook);
  });

  it('recorded by a parked saga without effect compensates when redriven or requested again', () => {
    const { saga } = runSaga(tripSaga, { data: { tripId: 't1' } }, parked);
    const kept = fold(Saga, [
      ...saga,
      { type: 'abort-requested', at: BEGUN_AT, data: { code: 'WHIM', reason: 'asked' } } as const,
    ]);
    for (const input of [redriven(kept), aborted('AGAIN')(kept)]) {
      const { saga: events, messages } = handleInput(tripSaga, kept, [], input, BEGUN_AT, 'tested');
      expect(messages.map(({ type }) => type)).toEqual(['flights.unbook.v1']);
      expect(fold(Saga, events, kept)).toMatchObject({ status: 'compensating', failure: { code: 'WHIM' } });
    }
  });
});

describe('timeouts', () => {
  const deadlines = (...count: (typeof timedOut)[]): number => {
    const { state } = runSaga(tripSaga, { data: { tripId: 't1' } }, count);
    return Date.parse(state.pending!.deadline) - Date.parse(BEGUN_AT) - count.length * 1_000;
  };

  it('send the command again, and double the timeout each time', () => {
    trip
      .given()
      .when(timedOut)
      .then({ status: 'running', saga: ['step-retried'], messages: ['flights.book.v1'] });
    expect([deadlines(), deadlines(timedOut), deadlines(timedOut, timedOut)]).toEqual([1_000, 2_000, 4_000]);
  });

  it('park the saga after the last unanswered attempt, with the reason', () => {
    trip
      .given(timedOut, timedOut)
      .when(timedOut)
      .then({ status: 'parked', waitsFor: 'do flight', saga: ['saga-parked'], messages: [] });
    const { state } = runSaga(tripSaga, { data: { tripId: 't1' } }, [timedOut, timedOut, timedOut]);
    expect(state.steps[1]).toMatchObject({ attempts: 3, error: expect.stringContaining('3 of 3') });
  });

  it('compensate an unanswered step if its definition says so, because it may have happened', () => {
    trip
      .given(done('flight'), timedOut)
      .when(timedOut)
      .then({
        status: 'compensating',
        saga: ['step-given-up'],
        waitsFor: 'compensate hotel',
        messages: ['hotels.unbook.v1'],
      });
    const { state } = runSaga(tripSaga, { data: { tripId: 't1' } }, [done('flight'), timedOut, timedOut]);
    expect(state.failure).toEqual({ code: 'NO_HOTEL', reason: 'the hotel does not answer' });
  });

  it('apply to compensations, too, which are never given up', () => {
    const compensating = [done('flight'), done('hotel'), refused('letter', 'NO_INK')];
    trip
      .given(...compensating)
      .when(timedOut)
      .then({ saga: ['step-retried'], messages: ['hotels.unbook.v1'] });
    trip
      .given(...compensating, timedOut)
      .when(timedOut)
      .then({ status: 'parked', waitsFor: 'compensate hotel' });
  });

  it('of an earlier attempt change nothing', () => {
    const stale = () => ({ type: 'timeout', step: 'flight', phase: 'do', attempt: 1 }) as const;
    const nothing = { saga: [], messages: [] };
    trip.given(timedOut).when(stale).then(nothing);
    trip.given(done('flight')).when(stale).then(nothing);
    trip
      .given(timedOut, timedOut, timedOut)
      .when(timedOut)
      .then({ ...nothing, status: 'parked' });
    trip.given(refused('flight', 'FULL')).when(timedOut).then(nothing);
  });
});
