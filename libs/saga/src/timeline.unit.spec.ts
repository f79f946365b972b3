import {
  aborted,
  compensated,
  compensationRefused,
  done,
  type SagaTestInput,
  operated,
  refused,
  runSaga,
  timedOut,
  type StepOf,
} from '@seam/testing';
import { tripSaga } from './testing/trip.js';
import { type StepToCome, stepsToCome, timelineOf } from './timeline.js';

const after = (...inputs: SagaTestInput<StepOf<typeof tripSaga>>[]) =>
  runSaga(tripSaga, { data: { tripId: 't1' } }, inputs);
/** Each entry in short. */
function timeline(...inputs: SagaTestInput<StepOf<typeof tripSaga>>[]): string[] {
  const { saga, state } = after(...inputs);
  return timelineOf(saga, state.steps).map((entry) => {
    if (entry.kind !== 'attempt') return `${entry.kind}: ${entry.kind === 'operator' ? entry.action : entry.reason}`;
    const { phase, step, attempt, outcome = 'waits', error, held } = entry;
    return `${phase} ${step} ${attempt}: ${outcome}${error === undefined ? '' : ` (${error})`}${held ? ' held' : ''}`;
  });
}
const ahead = (...inputs: SagaTestInput<StepOf<typeof tripSaga>>[]): string[] =>
  stepsToCome(after(...inputs).state, (index) => tripSaga.steps[index]?.compensate !== undefined).map(
    ({ phase, step }: StepToCome) => `${phase} ${step}`,
  );
const [pause, resume] = [operated({ action: 'pause' }), operated({ action: 'resume' })];
const unanswered = (attempt: number, of: number) =>
  `unanswered (no answer within the time limit (attempt ${attempt} of ${of}))`;

describe('the timeline of a saga', () => {
  it('has every attempt with its outcome, also of the steps done by starting and of local ones', () => {
    expect(timeline(timedOut, done('flight'), done('hotel'))).toEqual([
      'do open 1: done',
      `do flight 1: ${unanswered(1, 3)}`,
      'do flight 2: done',
      'do hotel 1: done',
      'do seal 1: done',
      'do letter 1: waits',
    ]);
  });

  it('has times, and the time limit of what it waits for', () => {
    const { saga, state } = after(done('flight'));
    const [, flight, hotel] = timelineOf(saga, state.steps);
    expect(flight).toEqual({
      ...{ kind: 'attempt', step: 'flight', index: 1, phase: 'do', attempt: 1, outcome: 'done' },
      at: '2026-11-22T09:30:00.000Z',
      deadline: '2026-11-22T09:30:01.000Z',
      endedAt: '2026-11-22T09:30:01.000Z',
    });
    expect(hotel).not.toHaveProperty('endedAt');
  });

  it('has refusals and compensations, and why it is parked', () => {
    expect(timeline(done('flight'), refused('hotel', 'FULL'), compensationRefused('flight', 'GONE', 'flown'))).toEqual([
      'do open 1: done',
      'do flight 1: done',
      'do hotel 1: refused (FULL: no)',
      'undo flight 1: unanswered (cannot be compensated: GONE: flown)',
      'parked: cannot be compensated: GONE: flown',
    ]);
  });

  it('has what operators did, each action once, and what was held back by a pause', () => {
    expect(timeline(pause, done('flight'), resume)).toEqual([
      'do open 1: done',
      'do flight 1: done',
      'operator: pause',
      'do hotel 1: not-sent held',
      'operator: resume',
      'do hotel 1: waits',
    ]);
    const parked = [timedOut, timedOut, timedOut];
    expect(timeline(...parked, operated({ action: 'compensate' })).slice(4)).toEqual([
      'parked: no answer within the time limit (attempt 3 of 3)',
      'operator: compensate',
      'undo flight 1: waits',
    ]);
    expect(timeline(...parked, operated({ action: 'skip', step: 'flight' })).slice(3)).toEqual([
      'do flight 3: skipped',
      'parked: no answer within the time limit (attempt 3 of 3)',
      'operator: skip',
      'do hotel 1: waits',
    ]);
  });

  it('has an abort, and the late reply to a parked saga', () => {
    expect(timeline(aborted('WHIM'), done('flight'))).toEqual([
      'do open 1: done',
      'do flight 1: done',
      'abort: asked for',
      'undo flight 1: waits',
    ]);
    expect(timeline(timedOut, timedOut, timedOut, done('flight'))[3]).toBe('do flight 3: done');
  });

  it('leaves out events that this version does not know', () => {
    const unknown = { type: 'saga-admired', at: '2026-11-22T09:30:00.000Z', data: {} } as never;
    const { saga, state } = after();
    expect(timelineOf([...saga, unknown], state.steps)).toEqual(timelineOf(saga, state.steps));
  });
});

it.each<[string, SagaTestInput<StepOf<typeof tripSaga>>[], string[]]>([
  ['is running', [], ['do hotel', 'do seal', 'do letter']],
  ['compensates', [done('flight'), done('hotel'), refused('letter', 'NO')], ['undo flight', 'undo open']],
  ['is aborted and waits for a reply', [done('flight'), aborted('WHIM')], ['undo hotel', 'undo flight', 'undo open']],
  ['has ended', [refused('flight', 'FULL')], []],
  ['is nearly compensated', [done('flight'), refused('hotel', 'NO')], ['undo open']],
  [
    'was restarted',
    [done('flight'), done('hotel'), timedOut, operated({ action: 'restart-from', step: 'flight' }), aborted('WHIM')],
    ['undo hotel', 'undo flight', 'undo open'],
  ],
])('the steps to come of a saga that %s', (_, inputs, expected) => {
  expect(ahead(...inputs)).toEqual(expected);
});

it('what was to come is what happens then', () => {
  const { state } = after(done('flight'), refused('hotel', 'NO'));
  expect(stepsToCome(state, () => true)).toEqual([{ step: 'open', phase: 'undo' }]);
  expect(timeline(done('flight'), refused('hotel', 'NO'), compensated('flight')).at(-1)).toBe('undo open 1: done');
});
