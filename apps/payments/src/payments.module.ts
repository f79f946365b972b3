import { Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { Committer, MessagingModule } from '@seam/messaging';
import { postgresStore } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import { FakeProvider } from './adapters/fake-provider/fake-provider.js';
import { Ledger } from './adapters/fake-provider/ledger.js';
import { FakeProvider1760300000001 } from './adapters/fake-provider/migrations/given-back.js';
import { FakeProvider1760000100001 } from './adapters/fake-provider/migrations/charges.js';
import { PostgresCardKeys } from './adapters/postgres-card-keys.js';
import { PostgresForeignEvents } from './adapters/postgres-foreign-events.js';
import { PostgresPaymentWork } from './adapters/postgres-payment-work.js';
import { PostgresPayments } from './adapters/postgres-payments.js';
import { ChargePaymentHandler } from './features/charge-payment/charge-payment.handler.js';
import { ProviderCalls } from './features/provider-calls.js';
import { PublishCardKeyHandler } from './features/publish-card-key/publish-card-key.handler.js';
import { ReceiveWebhookController } from './features/receive-webhook/receive-webhook.controller.js';
import { ReceiveWebhookHandler } from './features/receive-webhook/receive-webhook.handler.js';
import { webhookWork } from './features/receive-webhook/webhook-work.js';
import { RefundPaymentHandler } from './features/refund-payment/refund-payment.handler.js';
import { SettleChargeHandler } from './features/settle-charge/settle-charge.handler.js';
import { ListPaymentsController } from './features/list-payments/list-payments.controller.js';
import { ListPaymentsHandler } from './features/list-payments/list-payments.handler.js';
import { PaymentHistoryController } from './features/payment-history/payment-history.controller.js';
import { PaymentHistoryHandler } from './features/payment-history/payment-history.handler.js';
import { ViewPaymentController } from './features/view-payment/view-payment.controller.js';
import { ViewPaymentHandler } from './features/view-payment/view-payment.handler.js';
import { CardKeys1764300000000 } from './migrations/card-keys.js';
import { PaymentAudit1760300000000 } from './migrations/payment-audit.js';
import { Payments1760000100000 } from './migrations/payments.js';
import { CardKeys } from './ports/card-keys.js';
import { PaymentProvider } from './ports/payment-provider.js';
import { Payments } from './ports/payments.js';

/** Charges and refunds orders through a payment provider that may fail, answer late or never answer. */
@Module({
  imports: [
    CqrsModule,
    MessagingModule.forService({
      service: 'payments',
      store: postgresStore({
        migrations: [
          Payments1760000100000,
          PaymentAudit1760300000000,
          CardKeys1764300000000,
          FakeProvider1760000100001,
          FakeProvider1760300000001,
        ],
      }),
    }),
  ],
  controllers: [
    ChargePaymentHandler,
    SettleChargeHandler,
    RefundPaymentHandler,
    PublishCardKeyHandler,
    ListPaymentsController,
    ViewPaymentController,
    PaymentHistoryController,
    ReceiveWebhookController,
  ],
  providers: [
    ListPaymentsHandler,
    ViewPaymentHandler,
    PaymentHistoryHandler,
    ReceiveWebhookHandler,
    PostgresPaymentWork,
    PostgresForeignEvents,
    { provide: Payments, useClass: PostgresPayments },
    { provide: CardKeys, useClass: PostgresCardKeys },
    {
      provide: PaymentProvider,
      inject: [Database, Committer],
      useFactory: (database: Database, committer: Committer) =>
        new FakeProvider(new Ledger(database), {
          sendEvent: (event) => committer.commit(webhookWork('fake', { ...event })),
        }),
    },
    {
      provide: ProviderCalls,
      inject: [PaymentProvider, CardKeys],
      useFactory: (provider: PaymentProvider, keys: CardKeys) => new ProviderCalls(provider, keys),
    },
  ],
})
export class PaymentsModule {}
