import { fold } from '@seam/event-sourcing';
import { tripSaga } from '../testing/trip.js';
import { handleInput } from './handle-input.js';
import { Saga, type SagaEvent } from './state.js';

const pending = (step: number, deadline: string) => ({ step, phase: 'do' as const, attempt: 1, deadline });

/** As they were stored before steps had results, and replies the number of their attempt. */
const STORED = JSON.stringify([
  {
    type: 'saga-started',
    at: '2026-11-27T09:00:00.000Z',
    data: {
      id: 's1',
      correlationId: 'c1',
      data: { tripId: 't1' },
      definition: 'trip',
      version: 1,
      steps: ['open', 'flight', 'hotel', 'seal', 'letter'],
      done: 1,
      next: pending(1, '2026-11-27T09:00:01.000Z'),
    },
  },
  {
    type: 'step-completed',
    at: '2026-11-27T09:00:00.500Z',
    data: { step: 1, next: pending(2, '2026-11-27T09:00:02.500Z') },
  },
]);

it('a saga that an earlier version has started continues, and compensates', () => {
  const events = JSON.parse(STORED) as SagaEvent[];
  for (const event of events) Saga.check?.(event);
  const state = fold(Saga, events);
  const at = '2026-11-27T09:00:01.000Z';
  const reply = (outcome: object) => ({ type: 'reply', step: 'hotel', phase: 'do', outcome }) as never;
  const on = handleInput(tripSaga, state, [], reply({ outcome: 'done', data: {} }), at, 'trips');
  expect(on.saga.map(({ type }) => type)).toEqual(['step-completed', 'step-completed']);
  expect(on.messages.map(({ type }) => type)).toEqual(['post.write.v1']);
  const back = handleInput(
    tripSaga,
    state,
    [],
    reply({ outcome: 'refused', code: 'FULL', reason: 'full' }),
    at,
    'trips',
  );
  expect(back.messages.map(({ type }) => type)).toEqual(['flights.unbook.v1']);
});

it('what it stores now has nothing that earlier versions cannot read: their fields are as they were', () => {
  const state = fold(Saga, JSON.parse(STORED) as SagaEvent[]);
  const reply = {
    type: 'reply',
    step: 'hotel',
    phase: 'do',
    outcome: { outcome: 'done', data: {} },
    attempt: 1,
  } as const;
  const { saga } = handleInput(tripSaga, state, [], reply, '2026-11-27T09:00:01.000Z', 'trips');
  expect(saga[0]?.data).toEqual({ step: 2, next: { ...pending(3, ''), deadline: expect.any(String) } });
});
