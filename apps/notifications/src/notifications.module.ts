import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { ProcessContext, ServiceModule, postgresStore } from '@seam/host';
import { FileMailbox } from './adapters/file-mailbox.js';
import { PostgresMailQueue } from './adapters/postgres-mail-queue.js';
import { PostgresNotificationList } from './adapters/postgres-notification-list.js';
import { PostgresNotificationWork } from './adapters/postgres-notification-work.js';
import { PostgresRecipientWork } from './adapters/postgres-recipient-work.js';
import { SmtpMailbox } from './adapters/smtp-mailbox.js';
import { CancelNotificationHandler } from './features/cancel-notification/cancel-notification.handler.js';
import { Mailer } from './features/deliver-mail/mailer.js';
import { MailerLifecycle } from './features/deliver-mail/mailer.lifecycle.js';
import { UserRegisteredHandler } from './features/keep-recipient/user-registered.handler.js';
import { ListNotificationsController } from './features/list-notifications/list-notifications.controller.js';
import { SendNotificationHandler } from './features/send-notification/send-notification.handler.js';
import { Notifications1760000200000 } from './migrations/notifications.js';
import { Mailbox } from './ports/mailbox.js';
import { MailSignal } from './ports/mail-signal.js';
import { MailQueue, NotificationList } from './ports/notifications.js';

/** Tells customers by e-mail what became of their orders. Without SMTP_URL the e-mails go to a file of the data directory. */
@Module({
  imports: [
    ServiceModule.register({
      service: 'notifications',
      store: postgresStore({ migrations: [Notifications1760000200000] }),
    }),
  ],
  controllers: [SendNotificationHandler, CancelNotificationHandler, UserRegisteredHandler, ListNotificationsController],
  providers: [
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

function mailboxFor({ settings: { smtpUrl, dataDirectory } }: ProcessContext): Mailbox {
  return smtpUrl === undefined ? new FileMailbox(join(dataDirectory, 'mail.log')) : new SmtpMailbox(smtpUrl);
}
