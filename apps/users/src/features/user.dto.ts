import { Role } from '@seam/contracts';
import { z } from 'zod';
import type { User } from '../domain/user.js';

const example = {
  id: '0198a7c2-5b1e-7c3d-8f6a-2b9d4e1c7a50',
  email: 'ada@example.org',
  name: 'Ada',
  role: 'customer' as const,
};

/** An account as its owner sees it. */
export const UserAnswer = z
  .object({ id: z.string(), email: z.string(), name: z.string(), role: Role })
  .meta({ example });
export type UserAnswer = z.infer<typeof UserAnswer>;

export const userAnswer = ({ id, email, name, role }: User): UserAnswer => ({ id, email, name, role });
export const userExample: UserAnswer = example;
