import { Controller } from '@nestjs/common';
import { AccountsListed, UserRegistered } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import { type Message, normaliseEmail } from '@seam/kernel';
import { HandleEvent, type Work } from '@seam/messaging';
import { type Customer, Customers } from '../../ports/customers.js';

type Account = DataOf<typeof UserRegistered>;

@Controller()
export class KeepCustomersMessages {
  constructor(private readonly customers: Customers) {}

  @HandleEvent('orders', UserRegistered)
  keep({ data }: Message<Account>): Work {
    return this.customers.keep([customerOf(data)]);
  }

  @HandleEvent('orders', AccountsListed)
  keepAll({ data: { accounts } }: Message<DataOf<typeof AccountsListed>>): Work {
    return this.customers.keep(accounts.map(customerOf));
  }
}

/** The message may have been sent before addresses were normalised in the present way. */
const customerOf = ({ userId, name, email }: Account): Customer => ({ id: userId, name, email: normaliseEmail(email) });
