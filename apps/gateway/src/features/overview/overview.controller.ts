import { Controller, Get, Headers, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Problems } from '@seam/host';
import { Id } from '@seam/kernel';
import { Authenticated } from '@seam/security';
import type { Answer } from '../../upstream/collect.js';
import { Targets } from '../../upstream/targets.js';
import { askForCaller, isMissing, type Missing, problemIn } from '../ask-for-caller.js';
import { OverviewAnswer, overviewExample, type PartName } from './overview.dto.js';

type Json = Record<string, unknown>;

const PAGE = 100;
const MAX_PAGES = 5;

/** Combines what several services know about an order. Each service checks for itself what the caller may see. */
@ApiTags('orders')
@Controller('api/orders')
export class OverviewController {
  constructor(private readonly targets: Targets) {}

  @Get(':id/overview')
  @Authenticated()
  @ApiOperation({
    summary: 'An order with its payment, its shipment and its notifications',
    description:
      'Combined from the answers of several services. A part whose service does not answer is null, and `unavailable` ' +
      'has the reason; the status is still 200, even if that part is the order itself. An order that does not exist, ' +
      'or is not the caller’s, is 404.',
  })
  @Answers(200, OverviewAnswer, { example: overviewExample })
  @Problems(404)
  async overview(
    @Param('id', { schema: Id }) id: string,
    @Headers('authorization') authorization: string,
  ): Promise<OverviewAnswer> {
    const [order, payment, notifications] = await Promise.all([
      this.ask('orders', `/api/orders/${id}`, authorization),
      this.ask('payments', `/api/payments/${id}`, authorization),
      this.notifications(id, authorization),
    ]);
    if (!isMissing(order) && order.status >= 400) throw problemIn(order, 'orders');
    const parts = { order, payment: paymentOrNone(payment), shipment: shipmentOf(order), notifications };
    return {
      order: given(parts.order) as OverviewAnswer['order'],
      payment: given(parts.payment) as OverviewAnswer['payment'],
      shipment: given(parts.shipment) as OverviewAnswer['shipment'],
      notifications: given(parts.notifications) as OverviewAnswer['notifications'],
      unavailable: reasonsOf(parts),
    };
  }

  private async ask(service: string, path: string, authorization: string): Promise<Answer | Missing> {
    return askForCaller(this.targets.of(service), authorization, { path });
  }

  /** The notifications service lists by customer, not by order. */
  private async notifications(orderId: string, authorization: string): Promise<Answer | Missing> {
    const items: Json[] = [];
    let cursor = '';
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await this.ask('notifications', `/api/notifications?limit=${PAGE}${cursor}`, authorization);
      if (isMissing(answer)) return answer;
      if (answer.status !== 200) return asMissing(problemIn(answer, 'notifications'));
      const { items: found, nextCursor } = answer.body as { items: Json[]; nextCursor: string | null };
      items.push(...found.filter((item) => item['orderId'] === orderId));
      if (nextCursor === null) break;
      cursor = `&cursor=${encodeURIComponent(nextCursor)}`;
    }
    return { status: 200, body: items };
  }
}

/** A missing payment is not a failure: the order may still be pending. */
function paymentOrNone(payment: Answer | Missing): Answer | Missing {
  if (isMissing(payment) || payment.status === 200) return payment;
  return payment.status === 404 ? { status: 200, body: null } : asMissing(problemIn(payment, 'payments'));
}

/** The shipment is part of the order: it is missing if the order is. */
function shipmentOf(order: Answer | Missing): Answer | Missing {
  return isMissing(order) ? order : { status: 200, body: (order.body as { shipment?: Json }).shipment ?? null };
}

const given = (part: Answer | Missing): unknown => (isMissing(part) ? null : part.body);

const asMissing = ({ code, message }: { code: string; message: string }): Missing => ({ code, reason: message });

const reasonsOf = (parts: Readonly<Record<PartName, Answer | Missing>>): OverviewAnswer['unavailable'] =>
  Object.fromEntries(Object.entries(parts).filter((entry): entry is [PartName, Missing] => isMissing(entry[1])));
