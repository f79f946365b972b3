import { Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { EventSourcingModule } from '@seam/event-sourcing';
import { eventMigrations, postgresEvents } from '@seam/event-sourcing/postgres';
import { Clock, systemClock } from '@seam/kernel';
import { MessagingModule } from '@seam/messaging';
import { postgresStore } from '@seam/messaging/postgres';
import { HoldRoomHandler } from './hold-room.handler.js';
import { FindRoomHandler, OpenRoomHandler, RoomsController } from './rooms.controller.js';

@Module({
  imports: [
    CqrsModule,
    MessagingModule.forService({ service: 'rooms', store: postgresStore({ migrations: eventMigrations }) }),
    EventSourcingModule.forService({ service: 'rooms', engine: postgresEvents() }),
  ],
  controllers: [RoomsController, HoldRoomHandler],
  providers: [OpenRoomHandler, FindRoomHandler, { provide: Clock, useValue: systemClock }],
})
export class RoomsModule {}
