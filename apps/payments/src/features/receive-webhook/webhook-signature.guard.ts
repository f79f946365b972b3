import { type CanActivate, type ExecutionContext, Injectable, type RawBodyRequest } from '@nestjs/common';
import { CodedError } from '@seam/kernel';
import { ProcessContext } from '@seam/process';
import type { Request } from 'express';
import { isSigned } from './webhook-signature.js';
import { PaymentProvider } from '../../ports/payment-provider.js';
import { paymentsSettings } from '../../payments.settings.js';

export const SIGNATURE_HEADER = 'x-seam-signature';

/** Accepts only signed requests of a known provider, before their content is read. */
@Injectable()
export class WebhookSignatureGuard implements CanActivate {
  constructor(
    private readonly provider: PaymentProvider,
    private readonly context: ProcessContext,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<RawBodyRequest<Request>>();
    if (request.params['provider'] !== this.provider.name)
      throw new CodedError('not-found', 'PAYMENT.UNKNOWN_PROVIDER', 'There is no such payment provider');
    const { webhookSecrets } = this.context.settings.of(paymentsSettings);
    if (webhookSecrets.length === 0)
      throw new CodedError('unavailable', 'PAYMENT.WEBHOOKS_OFF', 'Webhooks are off: SEAM_WEBHOOK_SECRETS is not set');
    const body = request.rawBody ?? Buffer.alloc(0);
    if (!isSigned(body, request.header(SIGNATURE_HEADER), webhookSecrets, new Date()))
      throw new CodedError('unauthenticated', 'PAYMENT.BAD_SIGNATURE', 'The signature is missing, wrong or too old');
    return true;
  }
}
