import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PaymentMethod, Sku } from '@seam/contracts';
import { CommandBus } from '@seam/cqrs';
import { answerPosition } from '@seam/event-sourcing/http';
import { Answers, IdempotencyKey, Problems, RequestBody } from '@seam/host';
import { hasCardNumber, Money } from '@seam/kernel';
import { Authenticated, Caller } from '@seam/security';
import type { Response } from 'express';
import { z } from 'zod';
import type { Order } from '../../domain/order.js';
import { ItemAnswer, itemsOf, orderExample } from '../order.dto.js';
import { PlaceOrder } from './place-order.handler.js';

/** Refused before anything of it is stored: a card number may only be entered in the provider's form. */
const PaymentBody = PaymentMethod.extend({
  token: PaymentMethod.shape.token.refine(
    (token) => !hasCardNumber(token),
    'must be a token of the payment provider, never a card number',
  ),
});

const PlaceOrderBody = z.strictObject({
  items: z
    .array(z.strictObject({ sku: Sku, quantity: z.int().min(1).max(1_000) }))
    .min(1)
    .max(100),
  payment: PaymentBody,
});

const PlacedAnswer = z.object({
  id: z.uuid(),
  status: z.literal('pending'),
  sagaId: z.uuid(),
  items: z.array(ItemAnswer),
  total: Money,
});
type PlacedAnswer = z.infer<typeof PlacedAnswer>;

const payBy = (token: string, ...items: { sku: string; quantity: number }[]): object => ({
  items,
  payment: { method: 'card', token },
});
const mugs = { sku: 'MUG-BLUE', quantity: 2 };

@ApiTags('orders')
@Controller('api/orders')
export class PlaceOrderController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @HttpCode(202)
  @Authenticated()
  @ApiOperation({
    summary: 'Place an order',
    description:
      'Answered as soon as the order is durable; its Location shows a moment later whether it is confirmed. If the ' +
      'answer was lost, repeat the request with the same Idempotency-Key: it stays one order, with the same answer. ' +
      'A list that is requested with its Seam-Position includes the order.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, example: 'cart-4711' })
  @RequestBody(PlaceOrderBody, {
    'A card that pays': payBy('tok_visa', mugs),
    'A card that is declined': payBy('tok_declined', mugs),
    'The single piece': payBy('tok_visa', { sku: 'LAST-ONE', quantity: 1 }),
  })
  @Answers(202, PlacedAnswer, {
    example: {
      id: orderExample.id,
      status: 'pending',
      sagaId: '9b2f7c11-0a3d-8e54-b6f8-1d2c3b4a5968',
      items: orderExample.items,
      total: orderExample.total,
    },
  })
  @Problems(422)
  async place(
    @Caller() caller: Caller,
    @Body({ schema: PlaceOrderBody }) body: z.infer<typeof PlaceOrderBody>,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PlacedAnswer> {
    const placed = await this.commands.execute(new PlaceOrder({ userId: caller.userId, idempotencyKey, ...body }));
    const order = answerPosition(response, placed);
    response.location(`/api/orders/${order.id}`);
    return answer(order);
  }
}

/** The order as it was accepted, whatever has happened since, so that a repeated request gets the same answer. */
const answer = ({ id, sagaId, lines, total }: Order): PlacedAnswer => ({
  id,
  status: 'pending',
  sagaId,
  items: itemsOf(lines),
  total,
});
