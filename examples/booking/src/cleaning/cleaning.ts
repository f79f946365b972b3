import type { Aggregate, DomainEvent } from '@seam/event-sourcing';

const ROOMS_PER_DAY = 20;

/** The rooms that are cleaned on one day. */
export type DayEvent = DomainEvent<'assigned', { room: string }>;
export type Day = readonly string[];

export const DayAggregate: Aggregate<Day, DayEvent> = {
  category: 'day',
  initial: [],
  evolve: (rooms, { data }) => [...rooms, data.room],
};

/** Undefined where no cleaner has time for one more room; no event where the room is on the list already. */
export function assign(day: Day, room: string, at: string): DayEvent[] | undefined {
  if (day.includes(room)) return [];
  return day.length === ROOMS_PER_DAY ? undefined : [{ type: 'assigned', at, data: { room } }];
}

/** The room's place on the list of its day, from 1. */
export const placeOf = (day: Day, room: string): number => day.indexOf(room) + 1;

/** The cleaning that one booking needs; `place` is the room's on the list of the day. */
export type CleaningEvent = DomainEvent<'planned' | 'given-up', object> | DomainEvent<'assigned', { place?: number }>;
export type Cleaning = 'none' | CleaningEvent['type'];

export const CleaningAggregate: Aggregate<Cleaning, CleaningEvent> = {
  category: 'cleaning',
  initial: 'none',
  evolve: (_, { type }) => type,
};
