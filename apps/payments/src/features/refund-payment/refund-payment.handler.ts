import { Controller } from '@nestjs/common';
import { RefundPayment } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import { type Message, unreachable } from '@seam/kernel';
import { type AnswerTo, HandleCommand, withOwnReplies } from '@seam/messaging';
import type { ProviderResult } from '../../domain/provider-result.js';
import type { Payment } from '../../domain/payment.js';
import { Payments } from '../../ports/payments.js';
import { replyTargetOf } from '../reply-target.js';
import { paymentWork } from '../payment-work.js';
import { ProviderCalls } from '../provider-calls.js';

/**
 * Refunds what an order's payment captured, or makes sure that nothing will be captured. The reply is sent once that is
 * certain: if the provider fails, the refund is stored as ordered and tried again until it is done.
 */
@Controller()
export class RefundPaymentHandler {
  constructor(
    private readonly calls: ProviderCalls,
    private readonly payments: Payments,
  ) {}

  @HandleCommand(RefundPayment)
  async refund(message: Message<DataOf<typeof RefundPayment>>): Promise<AnswerTo<typeof RefundPayment>> {
    const { orderId, userId } = message.data;
    const payment = await this.payments.find(orderId);
    const providerResult = payment && (await this.#act(payment));
    return withOwnReplies(
      paymentWork({
        type: 'refund-ordered',
        orderId,
        userId,
        replyTarget: replyTargetOf(message),
        ...(providerResult === undefined ? {} : { providerResult }),
      }),
    );
  }

  /** One call to the provider if one is needed; if that leaves the payment open, its next poll continues. */
  async #act(payment: Payment): Promise<ProviderResult | undefined> {
    switch (payment.state) {
      case 'captured':
      case 'refunding':
        return this.calls.refund(payment);
      case 'unknown':
      case 'voiding':
        return this.calls.ask(payment.orderId);
      case 'declined':
      case 'failed':
      case 'voided':
      case 'refunded':
      case 'charged-back':
        return undefined;
      default:
        return unreachable(payment.state);
    }
  }
}
