import { defineCommand } from '@seam/messaging/contract';
import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import { z } from 'zod';
import { defineSaga, send } from '../definition.js';

type TripEvent = DomainEvent<'trip-sealed' | 'trip-closed', object>;

/** The types of the aggregate's events so far. */
export const Trip: Aggregate<readonly string[], TripEvent> = {
  category: 'trip',
  initial: [],
  evolve: (types, { type }) => [...types, type],
};

const command = (service: string, name: string): ReturnType<typeof defineCommand<unknown, unknown>> =>
  defineCommand({ service, name, data: z.unknown(), reply: z.unknown() });

export interface TripData {
  readonly tripId: string;
  /** The local steps that refuse. */
  readonly refusing?: readonly string[];
}

/**
 * One step of each kind: done by starting; with a compensation; compensated when retries are exhausted; local; without
 * a compensation.
 */
export const tripSaga = defineSaga<TripData>()({
  name: 'trip',
  version: 1,
  aggregate: Trip,
  aggregateId: ({ tripId }) => tripId,
})
  .step('open', {
    do: { kind: 'started' },
    compensate: {
      kind: 'local',
      decide: (_, { refusing }, { at }) =>
        refusing?.includes('open') === true
          ? { refused: { code: 'STUCK', reason: 'cannot be closed' } }
          : { events: [{ type: 'trip-closed', at, data: {} }], messages: [] },
    },
  })
  .step('flight', {
    do: send(command('flights', 'book'), (data) => data),
    compensate: send(command('flights', 'unbook'), (data) => data),
    timeoutMs: 1_000,
    attempts: 3,
  })
  .step('hotel', {
    do: send(command('hotels', 'book'), (data) => data),
    compensate: send(command('hotels', 'unbook'), (data) => data),
    timeoutMs: 2_000,
    attempts: 2,
    onRetriesExhausted: { code: 'NO_HOTEL', reason: 'the hotel does not answer' },
  })
  .step('seal', {
    do: {
      kind: 'local',
      decide: (_, { refusing }, { at }) =>
        refusing?.includes('seal') === true
          ? { refused: { code: 'UNSEALED', reason: 'no wax' } }
          : { events: [{ type: 'trip-sealed', at, data: {} }], messages: [] },
    },
  })
  .step('letter', { do: send(command('post', 'write'), (data) => data), attempts: 1 })
  .build();
