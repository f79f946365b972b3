import { Controller } from '@nestjs/common';
import { ChargePayment } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { type AnswerTo, HandleCommand, withOwnReplies } from '@seam/messaging';
import type { Card } from '../../domain/payment.js';
import type { ProviderResult } from '../../domain/provider-result.js';
import { Payments } from '../../ports/payments.js';
import { replyTargetOf } from '../reply-target.js';
import { paymentWork } from '../payment-work.js';
import { ProviderCalls } from '../provider-calls.js';

/** A command younger than this is assumed to be the first of its order. */
const FRESH_MS = 1_000;

type Charge = Message<DataOf<typeof ChargePayment>>;

/**
 * Charges an order: the provider first, outside any transaction, then one commit. A crash between the two repeats the
 * call under the same key, which the provider answers without charging again.
 */
@Controller()
export class ChargePaymentHandler {
  constructor(
    private readonly calls: ProviderCalls,
    private readonly payments: Payments,
  ) {}

  @HandleCommand(ChargePayment)
  async charge(message: Charge): Promise<AnswerTo<typeof ChargePayment>> {
    const { orderId, userId, amount, payment } = message.data;
    const providerResult = (await this.#isKnown(message)) ? undefined : await this.#charge(message);
    return withOwnReplies(
      paymentWork({
        type: 'charge-ordered',
        orderId,
        order: { userId, amount, card: cardOf(payment), replyTarget: replyTargetOf(message) },
        ...(providerResult === undefined ? {} : { providerResult }),
      }),
    );
  }

  #charge({ data: { orderId, amount, payment } }: Charge): Promise<ProviderResult> {
    return this.calls.charge({ orderId, amount, card: cardOf(payment) });
  }

  /**
   * Whether this order's payment is stored already, so that the provider need not be called. Not read for a fresh
   * command, which saves a round trip: if it is the second one after all, the decision still gives the right result.
   */
  async #isKnown({ at, data }: Charge): Promise<boolean> {
    return Date.now() - Date.parse(at) > FRESH_MS && (await this.payments.find(data.orderId)) !== undefined;
  }
}

const cardOf = (payment: Charge['data']['payment']): Card =>
  'sealed' in payment ? { sealed: payment.sealed } : { token: payment.token };
