import {
  done,
  type SagaTestInput,
  redriven,
  refused,
  runSaga,
  sagaSpecification,
  type StepOf,
  timedOut,
  compensated,
  compensationRefused,
} from '@seam/testing';
import { tripSaga } from '../testing/trip.js';

const trip = sagaSpecification(tripSaga, { data: { tripId: 't1' } });
const tripOf = (...refusing: string[]): typeof trip =>
  sagaSpecification(tripSaga, { data: { tripId: 't1', refusing } });

describe('late, repeated and misplaced replies', () => {
  it.each([
    ['repeated', [done('flight')], done('flight')],
    ['for a step that is not reached yet', [], done('letter')],
    ['of the other phase', [], compensated('flight')],
    ['of a step that does not exist', [], done('moon' as 'flight')],
    ['after completion', [done('flight'), done('hotel'), done('letter')], done('letter')],
    ['after compensation', [refused('flight', 'FULL')], done('flight')],
    ['done, after the step was given up', [done('flight'), timedOut, timedOut], done('hotel')],
    [
      'refused again, while the saga is parked because of that refusal',
      [refusedCompensation()].flat(),
      compensationRefused('flight', 'GONE'),
    ],
  ])('%s: cause no event', (_, given, when) => {
    trip
      .given(...given)
      .when(when)
      .then({ saga: [], events: [], messages: [] });
  });

  function refusedCompensation(): SagaTestInput<StepOf<typeof tripSaga>>[] {
    return [done('flight'), refused('hotel', 'FULL'), compensationRefused('flight', 'GONE')];
  }
});

describe('a parked saga', () => {
  it('is the result of a refused compensation, with the reason', () => {
    trip
      .given(done('flight'), refused('hotel', 'FULL'))
      .when(compensationRefused('flight', 'GONE', 'flown'))
      .then({ status: 'parked', saga: ['saga-parked'], waitsFor: 'compensate flight', messages: [] });
    const { state } = runSaga(tripSaga, { data: { tripId: 't1' } }, [
      done('flight'),
      refused('hotel', 'FULL'),
      compensationRefused('flight', 'GONE', 'flown'),
    ]);
    expect(state.steps[1]?.error).toContain('GONE: flown');
  });

  it('is the result of a refused local compensation; a redrive decides it again', () => {
    tripOf('open')
      .given()
      .when(refused('flight', 'FULL'))
      .then({ status: 'parked', waitsFor: 'compensate open', events: [] });
    tripOf('open')
      .given(refused('flight', 'FULL'))
      .when(redriven)
      .then({ status: 'parked', saga: ['saga-redriven', 'saga-parked'] });
  });

  it('sends its command again when redriven, with a new set of attempts', () => {
    const parked = [timedOut, timedOut, timedOut];
    trip
      .given(...parked)
      .when(redriven)
      .then({ status: 'running', saga: ['saga-redriven'], messages: ['flights.book.v1'] });
    trip
      .given(...parked, redriven, timedOut)
      .when(timedOut)
      .then({ status: 'running', saga: ['step-retried'] });
  });

  it('continues after a late reply', () => {
    trip
      .given(timedOut, timedOut, timedOut)
      .when(done('flight'))
      .then({ status: 'running', waitsFor: 'do hotel', messages: ['hotels.book.v1'] });
    trip
      .given(done('flight'), refused('hotel', 'FULL'), compensationRefused('flight', 'GONE'))
      .when(compensated('flight'))
      .then({ status: 'compensated', events: ['trip-closed'] });
  });

  it('is the only kind of saga that a redrive changes', () => {
    trip.given().when(redriven).then({ saga: [], messages: [] });
    trip.given(refused('flight', 'FULL')).when(redriven).then({ saga: [], messages: [] });
  });
});
