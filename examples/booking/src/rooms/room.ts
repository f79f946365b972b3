import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import type { DataOf } from '@seam/messaging/contract';
import { type Answer, refuse } from '@seam/service';
import { type Nights, overlap } from '../nights.js';
import type { HoldRoom, ReleaseRoom } from './rooms.contract.js';

/** `price`: per night, in cents. */
type RoomEvent =
  | DomainEvent<'opened', { beds: number; price: number }>
  | DomainEvent<'held', { bookingId: string; nights: Nights }>
  | DomainEvent<'released', { bookingId: string }>;

interface RoomState {
  /** 0 before it is opened. */
  readonly beds: number;
  readonly price: number;
  /** The nights of each booking that holds it; undefined if the booking has released it. */
  readonly holds: Readonly<Record<string, Nights | undefined>>;
}

export const Room: Aggregate<RoomState, RoomEvent> = {
  category: 'room',
  initial: { beds: 0, price: 0, holds: {} },
  evolve: (room, { type, data }) => {
    if (type === 'opened') return { ...room, ...data };
    return { ...room, holds: { ...room.holds, [data.bookingId]: type === 'held' ? data.nights : undefined } };
  },
};

export const open = (room: RoomState, at: string, body: { beds: number; price: number }): RoomEvent[] =>
  room.beds === body.beds && room.price === body.price ? [] : [{ type: 'opened', at, data: body }];

type Held = Answer<RoomEvent, { price: number }>;
/** A command may arrive twice: if the booking already holds the room, there is no further event. */
export function hold(room: RoomState, at: string, { bookingId, nights }: DataOf<typeof HoldRoom>): Held {
  const reply = { price: room.price };
  if (bookingId in room.holds)
    return room.holds[bookingId] ? { events: [], reply } : refuse('RELEASED', 'the booking was cancelled');
  if (room.beds === 0) return refuse('UNKNOWN_ROOM', 'there is no such room');
  const taken = Object.values(room.holds).some((other) => other !== undefined && overlap(nights, other));
  if (taken) return refuse('ROOM_TAKEN', 'the room is taken for some of these nights');
  return { events: [{ type: 'held', at, data: { bookingId, nights } }], reply };
}

type OfBooking = DataOf<typeof ReleaseRoom>;
export const release = ({ holds }: RoomState, at: string, { bookingId }: OfBooking): RoomEvent[] =>
  bookingId in holds && holds[bookingId] === undefined ? [] : [{ type: 'released', at, data: { bookingId } }];

export const codeOf = (
  { beds }: RoomState,
  _: string,
  { bookingId }: OfBooking,
): Answer<RoomEvent, { code: string }> =>
  beds === 1 ? refuse('NO_LOCK', 'the room has a key') : { events: [], reply: { code: bookingId.slice(-6) } };
