import { z } from 'zod';
import { defineCommand, defineEvent } from '@seam/messaging/contract';

export const Role = z.enum(['customer', 'staff']);
export type Role = z.infer<typeof Role>;

const Account = z.object({ userId: z.string(), email: z.string(), name: z.string(), role: Role });

export const UserRegistered = defineEvent({ service: 'users', name: 'user-registered', data: Account });

/**
 * Requests all accounts as {@link AccountsListed}, page by page, the newest first: for a service that keeps a copy of them,
 * and did not exist yet when they were opened.
 */
export const ListAccounts = defineCommand({
  service: 'users',
  name: 'list-accounts',
  data: z.object({ before: z.uuid().optional().describe('The last account of the page before') }),
  reply: z.object({}),
});

/** Accounts as they are now; each was published as {@link UserRegistered} when it was opened. */
export const AccountsListed = defineEvent({
  service: 'users',
  name: 'accounts-listed',
  data: z.object({ accounts: z.array(Account) }),
});
