import { z } from 'zod';

export const paymentsSettings = {
  /** The secrets that may sign payment webhooks: one, or two while one replaces the other; none: webhooks are off. */
  webhookSecrets: {
    name: 'SEAM_WEBHOOK_SECRETS',
    schema: z
      .string()
      .transform((text) => text.split(',').map((secret) => secret.trim()))
      .pipe(z.array(z.string().min(16)).min(1).max(2))
      .default([]),
    may: 'must be one or two secrets of at least 16 characters, separated by a comma',
    secret: true,
  },
};
