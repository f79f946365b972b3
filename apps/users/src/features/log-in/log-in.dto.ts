import { normaliseEmail, text } from '@seam/kernel';
import { z } from 'zod';

/** Any text is a guess at an account: what is no address has none. */
export const LogInBody = z
  .strictObject({
    email: text({ min: 1, max: 254 }).transform(normaliseEmail),
    password: text({ min: 1, max: 128 }),
  })
  .meta({ example: { email: 'ada@example.org', password: 'correct horse battery' } });
export type LogInBody = z.infer<typeof LogInBody>;
