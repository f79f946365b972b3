import { z } from 'zod';
import { normaliseEmail } from '../../domain/user.js';

/** Normalised before it is checked, so that spaces around it do no harm. */
const Email = z.string().max(254).transform(normaliseEmail).pipe(z.email()).meta({ format: 'email' });

export const RegisterBody = z
  .strictObject({
    email: Email,
    password: z.string().min(8).max(128),
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .regex(/^\P{Cc}*$/u, 'must not contain control characters'),
  })
  .meta({ example: { email: 'ada@example.org', password: 'correct horse battery', name: 'Ada' } });
export type RegisterBody = z.infer<typeof RegisterBody>;
