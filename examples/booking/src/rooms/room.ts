import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import { unreachable } from '@seam/kernel';
import { type Nights, overlap } from '../nights.js';

export type RoomEvent =
  | DomainEvent<'opened', { beds: number }>
  | DomainEvent<'held', { bookingId: string; nights: Nights }>
  | DomainEvent<'released', { bookingId: string }>;

export interface Room {
  /** 0 before it is opened. */
  readonly beds: number;
  /** The nights of each booking that holds it; none where the booking has released it. */
  readonly holds: Readonly<Record<string, Nights | undefined>>;
}

export const RoomAggregate: Aggregate<Room, RoomEvent> = {
  category: 'room',
  initial: { beds: 0, holds: {} },
  evolve: (room, { type, data }) => {
    switch (type) {
      case 'opened':
        return { ...room, beds: data.beds };
      case 'held':
        return { ...room, holds: { ...room.holds, [data.bookingId]: data.nights } };
      case 'released':
        return { ...room, holds: { ...room.holds, [data.bookingId]: undefined } };
      default:
        return unreachable(type);
    }
  },
};

export const open = ({ beds: before }: Room, beds: number, at: string): RoomEvent[] =>
  before === beds ? [] : [{ type: 'opened', at, data: { beds } }];

export type Held = { readonly events: readonly RoomEvent[] } | { readonly refused: string; readonly reason: string };

/** No event where the booking holds the room already: the command has come twice. */
export function hold(room: Room, bookingId: string, nights: Nights, at: string): Held {
  if (bookingId in room.holds)
    return room.holds[bookingId] === undefined
      ? { refused: 'RELEASED', reason: 'the booking has released the room' }
      : { events: [] };
  if (room.beds === 0) return { refused: 'UNKNOWN_ROOM', reason: 'there is no such room' };
  const taken = Object.values(room.holds).some((other) => other !== undefined && overlap(nights, other));
  if (taken) return { refused: 'ROOM_TAKEN', reason: 'the room is taken for some of these nights' };
  return { events: [{ type: 'held', at, data: { bookingId, nights } }] };
}

export const release = ({ holds }: Room, bookingId: string, at: string): RoomEvent[] =>
  bookingId in holds && holds[bookingId] === undefined ? [] : [{ type: 'released', at, data: { bookingId } }];
