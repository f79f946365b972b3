import { StartError } from '@seam/host';
import { z } from 'zod';

const Secrets = z
  .string()
  .transform((text) => text.split(',').map((secret) => secret.trim()))
  .pipe(z.array(z.string().min(16)).min(1).max(2));

/** What only this service is told by its environment. */
export class PaymentsSettings {
  /** The secrets webhooks may be signed with: one, or two while one replaces the other; none: webhooks are off. */
  constructor(readonly webhookSecrets: readonly string[]) {}
}

/** Throws {@link StartError} for a bad one, and never says what a secret was. */
export function readPaymentsSettings(environment: Readonly<Record<string, string | undefined>>): PaymentsSettings {
  const text = environment['SEAM_WEBHOOK_SECRETS'] ?? '';
  if (text === '') return new PaymentsSettings([]);
  const secrets = Secrets.safeParse(text);
  if (secrets.success) return new PaymentsSettings(secrets.data);
  throw new StartError(
    'SEAM_WEBHOOK_SECRETS: must be one or two secrets of at least 16 characters, with a comma between',
  );
}
