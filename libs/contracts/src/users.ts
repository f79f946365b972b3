import { z } from 'zod';
import { defineEvent } from './contract.js';

export const Role = z.enum(['customer', 'staff']);
export type Role = z.infer<typeof Role>;

export const UserRegistered = defineEvent({
  service: 'users',
  name: 'user-registered',
  data: z.object({ userId: z.string(), email: z.string(), name: z.string(), role: Role }),
});
