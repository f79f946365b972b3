import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { MessagingModule } from '@seam/messaging';
import { postgresStore } from '@seam/messaging/postgres';
import { ProcessContext } from '@seam/process';
import { FileMailbox } from './adapters/file-mailbox.js';
import { PostgresMailQueue } from './adapters/postgres-mail-queue.js';
import { PostgresNotificationList } from './adapters/postgres-notification-list.js';
import { PostgresNotificationWork } from './adapters/postgres-notification-work.js';
import { PostgresRecipientWork } from './adapters/postgres-recipient-work.js';
import { SmtpMailbox } from './adapters/smtp-mailbox.js';
import { CancelNotificationHandler } from './features/cancel-notification/cancel-notification.handler.js';
import { Mailer } from './features/deliver-mail/mailer.js';
import { MailerLifecycle } from './features/deliver-mail/mailer-lifecycle.js';
import { OrderEndedHandlers } from './features/follow-orders/order-ended.handler.js';
import { UserRegisteredHandler } from './features/keep-recipient/user-registered.handler.js';
import { ListNotificationsController } from './features/list-notifications/list-notifications.controller.js';
import { ListNotificationsHandler } from './features/list-notifications/list-notifications.handler.js';
import { SendNotificationHandler } from './features/send-notification/send-notification.handler.js';
import { LastWord1760000201000 } from './migrations/last-word.js';
import { Notifications1760000200000 } from './migrations/notifications.js';
import { RoomForLeases1764300000000 } from './migrations/room-for-leases.js';
import { Mailbox } from './ports/mailbox.js';
import { MailSignal } from './ports/mail-signal.js';
import { MailQueue, NotificationList } from './ports/notifications.js';
import { notificationsSettings } from './notifications.settings.js';

/** Informs customers about their orders by e-mail. Without SMTP_URL the e-mails go to a file of the data directory. */
@Module({
  imports: [
    CqrsModule,
    MessagingModule.forService({
      service: 'notifications',
      store: postgresStore({
        migrations: [Notifications1760000200000, LastWord1760000201000, RoomForLeases1764300000000],
      }),
    }),
  ],
  controllers: [
    SendNotificationHandler,
    CancelNotificationHandler,
    OrderEndedHandlers,
    UserRegisteredHandler,
    ListNotificationsController,
  ],
  providers: [
    ListNotificationsHandler,
    MailSignal,
    PostgresNotificationWork,
    PostgresRecipientWork,
    { provide: MailQueue, useClass: PostgresMailQueue },
    { provide: NotificationList, useClass: PostgresNotificationList },
    { provide: Mailbox, inject: [ProcessContext], useFactory: mailboxFor },
    {
      provide: Mailer,
      inject: [MailQueue, Mailbox, MailSignal],
      useFactory: (queue: MailQueue, mailbox: Mailbox, signal: MailSignal) => new Mailer(queue, mailbox, signal),
    },
    MailerLifecycle,
  ],
})
export class NotificationsModule {}

function mailboxFor({ settings }: ProcessContext): Mailbox {
  const { smtpUrl } = settings.of(notificationsSettings);
  return smtpUrl === undefined ? new FileMailbox(join(settings.dataDirectory, 'mail.log')) : new SmtpMailbox(smtpUrl);
}
