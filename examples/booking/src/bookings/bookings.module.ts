import { Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { EventSourcingModule } from '@seam/event-sourcing';
import { eventMigrations, postgresEvents } from '@seam/event-sourcing/postgres';
import { Clock, systemClock } from '@seam/kernel';
import { MessagingModule } from '@seam/messaging';
import { postgresStore } from '@seam/messaging/postgres';
import { SagaModule } from '@seam/saga';
import { postgresSagas, sagaList, sagaMigrations } from '@seam/saga/postgres';
import { bookingSagaRoutes } from '../saga-routes.js';
import { bookRoomSaga } from './book-room.saga.js';
import { BookRoomHandler } from './book-room.handler.js';
import { BookingsController } from './bookings.controller.js';
import { FindBookingHandler } from './find-booking.handler.js';

const service = 'bookings';

@Module({
  imports: [
    CqrsModule,
    MessagingModule.forService({
      service,
      store: postgresStore({ migrations: [...eventMigrations, ...sagaMigrations] }),
    }),
    EventSourcingModule.forService({ service, engine: postgresEvents({ readModels: () => [sagaList()] }) }),
    SagaModule.forService({
      service,
      sagas: [bookRoomSaga],
      engine: postgresSagas,
      http: bookingSagaRoutes('book-room'),
    }),
  ],
  controllers: [BookingsController],
  providers: [BookRoomHandler, FindBookingHandler, { provide: Clock, useValue: systemClock }],
})
export class BookingsModule {}
