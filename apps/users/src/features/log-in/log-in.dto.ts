import { normaliseEmail, text } from '@seam/kernel';
import { z } from 'zod';

/** Any text is accepted: a text that is not an address belongs to no account. */
export const LogInBody = z
  .strictObject({
    email: text({ min: 1, max: 254 }).transform(normaliseEmail),
    password: text({ min: 1, max: 128 }),
  })
  .meta({ example: { email: 'ada@example.org', password: 'correct horse battery' } });
export type LogInBody = z.infer<typeof LogInBody>;
