import type { Message } from '@seam/kernel';
import type { ReplyTarget } from '../domain/payment.js';

export const replyTargetOf = ({ replyTo, correlationId }: Message): ReplyTarget => ({
  correlationId,
  ...(replyTo === undefined ? {} : { replyTo }),
});
