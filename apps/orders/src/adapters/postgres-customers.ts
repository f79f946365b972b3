import { Injectable } from '@nestjs/common';
import { type Plan, PostgresCommitter, type WorkAdapter } from '@seam/messaging/postgres';
import { type Work, work, type WorkKind } from '@seam/messaging';
import { Database } from '@seam/persistence/postgres';
import { type Customer, Customers, distinct } from '../ports/customers.js';

const CustomersKind: WorkKind<readonly Customer[], void> = { name: 'customers' };

@Injectable()
export class PostgresCustomers extends Customers implements WorkAdapter<readonly Customer[], void> {
  constructor(
    private readonly database: Database,
    committer: PostgresCommitter,
  ) {
    super();
    committer.register(CustomersKind, this);
  }

  override async named(ids: readonly string[]): Promise<ReadonlyMap<string, Customer>> {
    if (ids.length === 0) return new Map();
    const text = 'select id, name, email from customer where id = any($1)';
    const found = await this.database.prepared<Customer>('orders_customers', text, [ids]);
    return new Map(found.map((customer) => [customer.id, customer]));
  }

  override async byEmail(email: string): Promise<Customer | undefined> {
    const text = 'select id, name, email from customer where email = $1 order by id desc limit 1';
    const [found] = await this.database.prepared<Customer>('orders_customer_by_email', text, [email]);
    return found;
  }

  override keep(customers: readonly Customer[]): Work<void> {
    return work(CustomersKind, customers, () => ({ value: undefined, messages: [] }));
  }

  plan(updates: readonly (readonly Customer[])[]): Promise<Plan<void>> {
    return Promise.resolve({
      results: updates.map(() => undefined),
      writes: [{ sql: upsert, rows: distinct(updates) }],
    });
  }
}

const upsert = (parameter: string): string =>
  `insert into customer (id, name, email)
   select id, name, email from json_to_recordset(${parameter}) as r(id text, name text, email text)
   on conflict (id) do update set name = excluded.name, email = excluded.email
     where (customer.name, customer.email) <> (excluded.name, excluded.email)`;
