import { Module } from '@nestjs/common';
import { ServiceModule, postgresStore } from '@seam/host';
import { Database } from '@seam/persistence';
import { FakeProvider } from './adapters/fake-provider/fake-provider.js';
import { Ledger } from './adapters/fake-provider/ledger.js';
import { FakeProvider1760000100001 } from './adapters/fake-provider/migration.js';
import { PostgresPaymentWork } from './adapters/postgres-payment-work.js';
import { PostgresPayments } from './adapters/postgres-payments.js';
import { ChargePaymentHandler } from './features/charge-payment/charge-payment.handler.js';
import { ProviderCalls } from './features/provider-calls.js';
import { ReceiveWebhookController } from './features/receive-webhook/receive-webhook.controller.js';
import { RefundPaymentHandler } from './features/refund-payment/refund-payment.handler.js';
import { SettleChargeHandler } from './features/settle-charge/settle-charge.handler.js';
import { ViewPaymentController } from './features/view-payment/view-payment.controller.js';
import { Payments1760000100000 } from './migrations/payments.js';
import { PaymentProvider } from './ports/payment-provider.js';
import { Payments } from './ports/payments.js';

/** Charges orders and gives the money back, through a payment provider that may fail, answer late or never. */
@Module({
  imports: [
    ServiceModule.register({
      service: 'payments',
      store: postgresStore({ migrations: [Payments1760000100000, FakeProvider1760000100001] }),
    }),
  ],
  controllers: [
    ChargePaymentHandler,
    SettleChargeHandler,
    RefundPaymentHandler,
    ViewPaymentController,
    ReceiveWebhookController,
  ],
  providers: [
    PostgresPaymentWork,
    { provide: Payments, useClass: PostgresPayments },
    {
      provide: PaymentProvider,
      inject: [Database],
      useFactory: (database: Database) => new FakeProvider(new Ledger(database)),
    },
    {
      provide: ProviderCalls,
      inject: [PaymentProvider],
      useFactory: (provider: PaymentProvider) => new ProviderCalls(provider),
    },
  ],
})
export class PaymentsModule {}
