import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import { type Answer, refuse } from '@seam/service';

const ROOMS_PER_DAY = 20;

/** The rooms that are cleaned on one day. */
type DayEvent = DomainEvent<'assigned', { room: string }>;

export const Day: Aggregate<readonly string[], DayEvent> = {
  category: 'day',
  initial: [],
  evolve: (rooms, { data }) => [...rooms, data.room],
};

/** Answers with the room's place on the list of its day, from 1. */
export function assign(
  rooms: readonly string[],
  at: string,
  { room }: { room: string },
): Answer<DayEvent, { place: number }> {
  const place = rooms.indexOf(room) + 1;
  if (place > 0) return { events: [], reply: { place } };
  if (rooms.length === ROOMS_PER_DAY) return refuse('DAY_FULL', 'no cleaner has time on this day');
  return { events: [{ type: 'assigned', at, data: { room } }], reply: { place: rooms.length + 1 } };
}

/** The cleaning that one booking needs. */
type CleaningEvent = DomainEvent<'planned' | 'given-up', object> | DomainEvent<'assigned', { place: number }>;

export const Cleaning: Aggregate<'none' | CleaningEvent['type'], CleaningEvent> = {
  category: 'cleaning',
  initial: 'none',
  evolve: (_, { type }) => type,
};
