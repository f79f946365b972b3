import { saga, send } from '@seam/saga';
import { z } from 'zod';
import { AssignCleaner } from './cleaning.contract.js';
import { CleaningAggregate } from './cleaning.js';

export const cleanRoomSaga = saga('clean-room', {
  version: 1,
  input: z.object({ bookingId: z.string(), room: z.string(), day: z.string() }),
  aggregate: CleaningAggregate,
  aggregateId: ({ bookingId }) => bookingId,
})
  .started('plan', { compensate: ({ at }) => [{ type: 'given-up', at, data: {} }] })
  .call(
    'assign-cleaner',
    send(AssignCleaner, ({ input: { room, day } }) => ({ room, day })),
  )
  .decide('record-assignment', ({ at, results }) => [{ type: 'assigned', at, data: results['assign-cleaner'] }]);
