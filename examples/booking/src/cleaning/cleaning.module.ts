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
import { cleanRoomSaga } from './clean-room.saga.js';
import { CleaningController, FindCleaningHandler } from './cleaning.controller.js';
import { CleaningHandler } from './cleaning.handler.js';

const service = 'cleaning';

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
      sagas: [cleanRoomSaga],
      engine: postgresSagas,
      http: bookingSagaRoutes('clean-room'),
    }),
  ],
  controllers: [CleaningHandler, CleaningController],
  providers: [FindCleaningHandler, { provide: Clock, useValue: systemClock }],
})
export class CleaningModule {}
