import type { ServiceDefinition } from '@seam/host';
import { services } from '../apps/monolith/src/services.js';
import { PaymentsModule } from '../apps/payments/src/payments.module.js';
import { PaymentProvider } from '../apps/payments/src/ports/payment-provider.js';
import { MemoryProvider } from '../apps/payments/src/testing/memory-provider.js';

/**
 * The payment provider: `memory` answers at once, as if the provider cost this machine nothing; `ledger` is the shop's
 * own fake provider, whose ledger is in the database of `payments` and costs it a transaction for each batch of
 * charges.
 */
export type Provider = 'memory' | 'ledger';

export const isProvider = (name: string): name is Provider => name === 'memory' || name === 'ledger';

/** Passes the choice on to the processes that a benchmark starts. */
const VARIABLE = 'SEAM_BENCH_PROVIDER';

export function chooseProvider(provider: Provider): void {
  process.env[VARIABLE] = provider;
}

/** The shop's services, `payments` with the selected provider. */
export function benchServices(): readonly ServiceDefinition[] {
  if (process.env[VARIABLE] === 'ledger') return services;
  const providers = [{ provide: PaymentProvider, useValue: new MemoryProvider() }];
  const module = { on: () => ({ module: PaymentsModule, providers }) };
  return services.map((service) => (service.name === 'payments' ? { ...service, module } : service));
}
