import { text } from '@seam/kernel';
import { z } from 'zod';
import { normaliseEmail } from '../../domain/user.js';

/** Normalised before it is checked, so that spaces around it do no harm. */
const Email = text({ max: 254 }).transform(normaliseEmail).pipe(z.email()).meta({ format: 'email' });

export const RegisterBody = z
  .strictObject({
    email: Email,
    password: text({ min: 8, max: 128 }),
    name: text({ max: 100 }).trim().min(1),
  })
  .meta({ example: { email: 'ada@example.org', password: 'correct horse battery', name: 'Ada' } });
export type RegisterBody = z.infer<typeof RegisterBody>;
