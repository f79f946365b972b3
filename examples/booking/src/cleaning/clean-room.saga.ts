import { defineSaga, type LocalContext, type LocalResult, send } from '@seam/saga';
import { AssignCleaner } from './cleaning.contract.js';
import { CleaningAggregate, type CleaningEvent } from './cleaning.js';

export interface CleanRoom {
  readonly bookingId: string;
  readonly room: string;
  readonly day: string;
}

const becomes =
  (type: CleaningEvent['type']) =>
  (_cleaning: unknown, _data: CleanRoom, { at }: LocalContext): LocalResult<CleaningEvent> => ({
    events: [{ type, at, data: {} }],
    messages: [],
  });

export const cleanRoomSaga = defineSaga<CleanRoom>()({
  name: 'clean-room',
  version: 1,
  aggregate: CleaningAggregate,
  aggregateId: ({ bookingId }) => bookingId,
})
  .step('plan', { do: { kind: 'started' }, compensate: { kind: 'local', decide: becomes('given-up') } })
  .step('assign-cleaner', { do: send(AssignCleaner, ({ room, day }) => ({ room, day })) })
  .step('tell', { do: { kind: 'local', decide: becomes('assigned') } })
  .build();
