import { Role } from '@seam/contracts';
import { pageOf, PageQuery } from '@seam/host';
import { normaliseEmail, text } from '@seam/kernel';
import { z } from 'zod';
import { UserAnswer, userAnswer, userExample } from '../user.dto.js';
import type { RegisteredUser } from '../../ports/users.js';

export const ListUsersQuery = PageQuery.extend({
  q: text({ max: 254 })
    .transform(normaliseEmail)
    .meta({ description: 'Text contained in the e-mail address or the name; case-insensitive' })
    .optional(),
  role: Role.optional().describe('Only accounts with this role'),
});
export type ListUsersQuery = z.infer<typeof ListUsersQuery>;

const ListedUser = UserAnswer.extend({ registeredAt: z.iso.datetime() });
export type ListedUser = z.infer<typeof ListedUser>;

export const UsersAnswer = pageOf(ListedUser);
export const usersExample = {
  items: [{ ...userExample, registeredAt: '2026-11-22T09:17:17.930Z' }],
  nextCursor: null,
};

export const listedUser = (user: RegisteredUser): ListedUser => ({
  ...userAnswer(user),
  registeredAt: user.registeredAt.toISOString(),
});
