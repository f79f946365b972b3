import { Controller } from '@nestjs/common';
import { RefundPayment } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import { type Message, unreachable } from '@seam/kernel';
import { HandleCommand, type Work } from '@seam/messaging';
import type { Finding } from '../../domain/finding.js';
import type { Payment } from '../../domain/payment.js';
import { Payments } from '../../ports/payments.js';
import { replyTargetOf } from '../reply-target.js';
import { paymentWork } from '../payment-work.js';
import { ProviderCalls } from '../provider-calls.js';

/**
 * Gives back what an order's payment captured, or sees to it that nothing will be. It is answered once that is certain:
 * where the provider fails, the refund is stored as ordered and tried again until it is done.
 */
@Controller()
export class RefundPaymentHandler {
  constructor(
    private readonly calls: ProviderCalls,
    private readonly payments: Payments,
  ) {}

  @HandleCommand(RefundPayment)
  async refund(message: Message<DataOf<typeof RefundPayment>>): Promise<Work> {
    const { orderId, userId } = message.data;
    const payment = await this.payments.find(orderId);
    const finding = payment && (await this.#act(payment));
    return paymentWork({
      type: 'refund-ordered',
      orderId,
      userId,
      replyTarget: replyTargetOf(message),
      ...(finding === undefined ? {} : { finding }),
    });
  }

  /** One call of the provider where one is needed; what that leaves open is led on by the payment's next look. */
  async #act(payment: Payment): Promise<Finding | undefined> {
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
