import { defineCommand } from '@seam/messaging/contract';
import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import { z } from 'zod';
import { type SagaDefinition, send } from '../definition.js';
import { saga } from '../saga-builder.js';

type TripEvent = DomainEvent<'trip-sealed' | 'trip-closed', object>;

/** The types of the aggregate's events so far. */
export const Trip: Aggregate<readonly string[], TripEvent> = {
  category: 'trip',
  initial: [],
  evolve: (types, { type }) => [...types, type],
};

export const tripCommand = (service: string, name: string): ReturnType<typeof defineCommand<unknown, unknown>> =>
  defineCommand({ service, name, data: z.unknown(), reply: z.unknown() });

export const TripData = z.object({
  tripId: z.string(),
  /** The decisions that refuse. */
  refusing: z.array(z.string()).optional(),
});

/** A saga of a trip. */
export type TripSaga = SagaDefinition<z.infer<typeof TripData>, readonly string[], TripEvent>;

/**
 * One step of each kind: done by starting; with a compensation; compensated when retries are exhausted; a decision; without
 * a compensation.
 */
export const tripSaga = saga('trip', {
  version: 1,
  input: TripData,
  aggregate: Trip,
  aggregateId: ({ tripId }) => tripId,
})
  .started('open', {
    compensate: ({ input, at }) =>
      input.refusing?.includes('open') === true
        ? { refused: { code: 'STUCK', reason: 'cannot be closed' } }
        : [{ type: 'trip-closed', at, data: {} }],
  })
  .call(
    'flight',
    send(tripCommand('flights', 'book'), ({ input }) => input),
    {
      compensate: send(tripCommand('flights', 'unbook'), ({ input }) => input),
      attemptTimeoutMs: 1_000,
      retry: { attempts: 3, jitter: 0 },
    },
  )
  .call(
    'hotel',
    send(tripCommand('hotels', 'book'), ({ input }) => input),
    {
      compensate: send(tripCommand('hotels', 'unbook'), ({ input }) => input),
      attemptTimeoutMs: 2_000,
      retry: { attempts: 2, jitter: 0 },
      onRetriesExhausted: { code: 'NO_HOTEL', reason: 'the hotel does not answer' },
    },
  )
  .decide('seal', ({ input, at }) =>
    input.refusing?.includes('seal') === true
      ? { refused: { code: 'UNSEALED', reason: 'no wax' } }
      : [{ type: 'trip-sealed', at, data: {} }],
  )
  .call(
    'letter',
    send(tripCommand('post', 'write'), ({ input }) => input),
    { retry: { attempts: 1 } },
  );
