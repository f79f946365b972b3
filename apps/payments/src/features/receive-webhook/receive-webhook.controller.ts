import { Body, Controller, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Problems } from '@seam/host';
import { Committer } from '@seam/messaging';
import { Public } from '@seam/security';
import { z } from 'zod';
import type { Finding } from '../../domain/finding.js';
import { orderOfChargeKey } from '../../domain/payment.js';
import { paymentWork } from '../payment-work.js';
import { WebhookEvent } from './webhook-event.dto.js';
import { SIGNATURE_HEADER, WebhookSignatureGuard } from './webhook-signature.guard.js';

const findings: Readonly<Record<WebhookEvent['type'], Finding>> = {
  'charge.captured': { type: 'captured' },
  'charge.declined': { type: 'declined', reason: 'declined by the provider' },
};

@ApiTags('payments')
@Controller('api/payments')
export class ReceiveWebhookController {
  constructor(private readonly committer: Committer) {}

  @Post('webhooks/:provider')
  @HttpCode(204)
  @Public({ token: 'ignored' })
  @UseGuards(WebhookSignatureGuard)
  @ApiOperation({
    summary: 'What the payment provider has to tell',
    description:
      'Signed in `x-seam-signature: t=<unix seconds>,v1=<hex>`, where v1 is the HMAC-SHA256 of `<t>.` and the raw ' +
      'body, with a secret of SEAM_WEBHOOK_SECRETS; at most 300 s old. An event may come twice, late and out of order.',
  })
  @ApiHeader({ name: SIGNATURE_HEADER, required: true, example: `t=1795341600,v1=${'5f'.repeat(32)}` })
  @ApiResponse({ status: 204, description: 'Taken, or known already, or about no charge of ours' })
  @Problems(401, 404, 503)
  async receive(
    @Param('provider', { schema: z.string() }) provider: string,
    @Body({ schema: WebhookEvent }) { id, type, chargeKey }: WebhookEvent,
  ): Promise<void> {
    const orderId = orderOfChargeKey(chargeKey);
    if (orderId === undefined) return;
    const event = { provider, id };
    await this.committer.commit(paymentWork({ type: 'notified', orderId, finding: findings[type], event }));
  }
}
