import { Controller, Logger } from '@nestjs/common';
import type { DataOf } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleCommand, type Work } from '@seam/messaging';
import type { Finding } from '../../domain/finding.js';
import type { Payment } from '../../domain/payment.js';
import { CHARGE_ATTEMPTS } from '../../domain/policy.js';
import { Payments } from '../../ports/payments.js';
import { paymentWork } from '../payment-work.js';
import { ProviderCalls } from '../provider-calls.js';
import { SettleCharge } from './settle-charge-command.js';

interface Look {
  readonly finding?: Finding;
  readonly charged: boolean;
}

/**
 * Leads a payment on to its end: asks the provider first, and does there what is still to be done. Where that shows
 * nothing it comes back, later each time, for ever.
 */
@Controller()
export class SettleChargeHandler {
  readonly #log = new Logger('SettleCharge');

  constructor(
    private readonly calls: ProviderCalls,
    private readonly payments: Payments,
  ) {}

  @HandleCommand(SettleCharge)
  async settle({ data: { orderId, turn: lookNumber } }: Message<DataOf<typeof SettleCharge>>): Promise<Work> {
    const payment = await this.payments.find(orderId);
    const listened = payment?.due === true && payment.lookNumber === lookNumber;
    const look = listened ? await this.#look(payment) : { charged: false };
    return paymentWork({ type: 'looked', orderId, lookNumber, ...look });
  }

  async #look(payment: Payment): Promise<Look> {
    const finding = await this.calls.ask(payment.orderId);
    if (finding.type === 'none') return this.#chargeAgain(payment);
    if (finding.type === 'captured' && payment.state === 'refunding')
      return { finding: await this.calls.refund(payment), charged: false };
    if (finding.type === 'unclear')
      this.#log.warn(`${payment.orderId} is ${payment.state} after ${payment.tries + 1} queries of the provider`);
    return { finding, charged: false };
  }

  async #chargeAgain(payment: Payment): Promise<Look> {
    const { orderId, amount, token, state, attempts } = payment;
    if (state !== 'unknown' || attempts >= CHARGE_ATTEMPTS || amount === undefined || token === undefined)
      return { finding: { type: 'none' }, charged: false };
    return { finding: await this.calls.charge({ orderId, amount, token }), charged: true };
  }
}
