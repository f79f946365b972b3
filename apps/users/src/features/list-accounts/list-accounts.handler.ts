import { Controller } from '@nestjs/common';
import { AccountsListed, ListAccounts } from '@seam/contracts';
import { type DataOf, messageOf } from '@seam/messaging/contract';
import type { Message, OutgoingMessage } from '@seam/kernel';
import { type AnswerTo, HandleCommand, withOwnReplies } from '@seam/messaging';
import { transactionWork } from '@seam/messaging/postgres';
import { type RegisteredUser, Users } from '../../ports/users.js';

/** Maximum number of accounts in one message, far below a broker's limit. */
const PAGE = 200;

/**
 * Publishes one page of the accounts, and sends itself a command for the next page, in one commit: a crash in between
 * loses neither.
 */
@Controller()
export class ListAccountsHandler {
  constructor(private readonly users: Users) {}

  @HandleCommand(ListAccounts)
  async list({
    data: { before },
    correlationId,
  }: Message<DataOf<typeof ListAccounts>>): Promise<AnswerTo<typeof ListAccounts>> {
    const found = await this.users.list({ before, limit: PAGE + 1 });
    const page = found.slice(0, PAGE);
    const last = page.at(-1);
    const messages: OutgoingMessage[] = [];
    if (last !== undefined) messages.push(messageOf(AccountsListed, correlationId, { accounts: page.map(account) }));
    if (last !== undefined && found.length > PAGE)
      messages.push(messageOf(ListAccounts, correlationId, { before: last.id }));
    return withOwnReplies(transactionWork(() => Promise.resolve({ value: undefined, messages })));
  }
}

const account = ({ id, email, name, role }: RegisteredUser): DataOf<typeof AccountsListed>['accounts'][number] => ({
  userId: id,
  email,
  name,
  role,
});
