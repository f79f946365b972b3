import { Body, Controller, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CommandBus } from '@seam/cqrs';
import { NeverRefused, Problems } from '@seam/host';
import { Public } from '@seam/security';
import { z } from 'zod';
import { ReceiveWebhook } from './receive-webhook.handler.js';
import { WebhookEvent } from './webhook-event.dto.js';
import { SIGNATURE_HEADER, WebhookSignatureGuard } from './webhook-signature.guard.js';

@ApiTags('payments')
@Controller('api/payments')
export class ReceiveWebhookController {
  constructor(private readonly commands: CommandBus) {}

  @Post('webhooks/:provider')
  @HttpCode(204)
  @Public({ token: 'ignored' })
  @NeverRefused()
  @UseGuards(WebhookSignatureGuard)
  @ApiOperation({
    summary: 'Receive an event of the payment provider',
    description:
      'Signed in `x-seam-signature: t=<unix seconds>,v1=<hex>`, where v1 is the HMAC-SHA256 of `<t>.` and the raw ' +
      'body, with a secret of SEAM_WEBHOOK_SECRETS; at most 300 s old. An event may arrive twice, late ' +
      'or out of order: it is stored, and the provider is asked about the charge, whatever the event says. Unknown ' +
      'types and fields are accepted.',
  })
  @ApiHeader({ name: SIGNATURE_HEADER, required: true, example: `t=1795341600,v1=${'5f'.repeat(32)}` })
  @ApiResponse({ status: 204, description: 'Stored, or known already' })
  @Problems(401, 404, 503)
  async receive(
    @Param('provider', { schema: z.string() }) provider: string,
    @Body({ schema: WebhookEvent }) event: WebhookEvent,
  ): Promise<void> {
    await this.commands.execute(new ReceiveWebhook(provider, event));
  }
}
