import { Controller, Logger } from '@nestjs/common';
import type { DataOf } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { type AnswerTo, HandleCommand, withOwnReplies } from '@seam/messaging';
import type { ProviderResult } from '../../domain/provider-result.js';
import type { Payment } from '../../domain/payment.js';
import { CHARGE_ATTEMPTS } from '../../domain/policy.js';
import { Payments } from '../../ports/payments.js';
import { paymentWork } from '../payment-work.js';
import { ProviderCalls } from '../provider-calls.js';
import { SettleCharge } from './settle-charge-command.js';

interface Poll {
  readonly providerResult?: ProviderResult;
  readonly charged: boolean;
}

/**
 * Settles a payment: asks the provider first, and then charges or refunds there if that is still to be done. If the
 * result is unclear, it is repeated, with increasing delays and without a limit.
 */
@Controller()
export class SettleChargeHandler {
  readonly #log = new Logger('SettleCharge');

  constructor(
    private readonly calls: ProviderCalls,
    private readonly payments: Payments,
  ) {}

  @HandleCommand(SettleCharge)
  async settle({
    data: { orderId, turn: pollNumber },
  }: Message<DataOf<typeof SettleCharge>>): Promise<AnswerTo<typeof SettleCharge>> {
    const payment = await this.payments.find(orderId);
    const listened = payment?.due === true && payment.pollNumber === pollNumber;
    const poll = listened ? await this.#poll(payment) : { charged: false };
    return withOwnReplies(paymentWork({ type: 'looked', orderId, pollNumber, ...poll }));
  }

  async #poll(payment: Payment): Promise<Poll> {
    const providerResult = await this.calls.ask(payment.orderId);
    if (providerResult.type === 'none') return this.#chargeAgain(payment);
    if (providerResult.type === 'captured' && payment.state === 'refunding')
      return { providerResult: await this.calls.refund(payment), charged: false };
    if (providerResult.type === 'unclear')
      this.#log.warn(`${payment.orderId} is ${payment.state} after ${payment.tries + 1} queries of the provider`);
    return { providerResult, charged: false };
  }

  async #chargeAgain(payment: Payment): Promise<Poll> {
    const { orderId, amount, card, state, attempts } = payment;
    if (state !== 'unknown' || attempts >= CHARGE_ATTEMPTS || amount === undefined || card === undefined)
      return { providerResult: { type: 'none' }, charged: false };
    return { providerResult: await this.calls.charge({ orderId, amount, card }), charged: true };
  }
}
