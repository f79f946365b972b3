import { Module } from '@nestjs/common';
import { EventSourcingModule } from '@seam/event-sourcing';
import { eventMigrations, postgresEvents } from '@seam/event-sourcing/postgres';
import { Clock, systemClock } from '@seam/kernel';
import { MessagingModule } from '@seam/messaging';
import { postgresStore } from '@seam/messaging/postgres';
import { DepositsHandler } from './deposits.handler.js';

@Module({
  imports: [
    MessagingModule.forService({ service: 'deposits', store: postgresStore({ migrations: eventMigrations }) }),
    EventSourcingModule.forService({ service: 'deposits', engine: postgresEvents() }),
  ],
  controllers: [DepositsHandler],
  providers: [{ provide: Clock, useValue: systemClock }],
})
export class DepositsModule {}
