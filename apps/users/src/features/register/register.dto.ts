import { Email, text } from '@seam/kernel';
import { z } from 'zod';

export const RegisterBody = z
  .strictObject({
    email: Email,
    /** The length is that of the normalised form, which is hashed. */
    password: text({ max: 128 }).normalize('NFC').min(8),
    name: text({ max: 100 }).normalize('NFC').trim().min(1),
  })
  .meta({ example: { email: 'ada@example.org', password: 'correct horse battery', name: 'Ada' } });
export type RegisterBody = z.infer<typeof RegisterBody>;
