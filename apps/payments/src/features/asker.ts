import type { Message } from '@seam/kernel';
import type { Asker } from '../domain/payment.js';

export const askerOf = ({ replyTo, correlationId }: Message): Asker => ({
  correlationId,
  ...(replyTo === undefined ? {} : { replyTo }),
});
