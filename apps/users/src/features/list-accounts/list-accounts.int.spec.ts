import { AccountsListed, ListAccounts, shop } from '@seam/contracts';
import { type DataOf, messageOf } from '@seam/messaging/contract';
import { type RunningProcess, startProcess } from '@seam/host';
import { type Message, newId } from '@seam/kernel';
import { InProcessBroker } from '@seam/messaging';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { readSettings } from '@seam/process';
import { eventually } from '@seam/testing';
import { startTestServer } from '@seam/persistence/testing';
import { usersService } from '../../users.definition.js';

const published: Message[] = [];

/** Delivers every message twice. */
class RepeatingBroker extends InProcessBroker {
  override async publish(message: Message): Promise<void> {
    published.push(message);
    await super.publish(message);
    await super.publish(message);
  }
}

describe('the list of accounts, for services that keep a copy', () => {
  let postgres: EmbeddedPostgres;
  let running: RunningProcess;
  const broker = new RepeatingBroker();

  beforeAll(async () => {
    postgres = await startTestServer();
    const environment = { PORT: '0', SEAM_LOG: 'error', DATABASE_URL: postgres.url('postgres') };
    running = await startProcess({ ...shop, services: [usersService] }, readSettings(environment), {
      transport: broker,
    });
    await running.app.get(Database).query(
      `insert into user_account (id, email, name, role, password_hash)
       select gen_random_uuid(), n || '@example.org', 'Customer ' || n, 'customer', '' from generate_series(1, 450) n`,
    );
  });
  afterAll(async () => {
    await running.close();
    await postgres.stop();
  });

  it('is published page by page, each account once, even if its messages are repeated', async () => {
    const correlationId = newId();
    const asking = messageOf(ListAccounts, correlationId, {});
    await broker.publish({ id: newId(), source: 'orders', at: new Date().toISOString(), ...asking });
    const pages = (): DataOf<typeof AccountsListed>['accounts'][] =>
      published
        .filter((message) => message.type === AccountsListed.type && message.correlationId === correlationId)
        .map(({ data }) => (data as DataOf<typeof AccountsListed>).accounts);
    await eventually(() => expect(pages().map(({ length }) => length)).toEqual([200, 200, 51]));
    const accounts = pages().flat();
    expect(new Set(accounts.map(({ userId }) => userId)).size).toBe(451);
    expect(accounts).toContainEqual(
      expect.objectContaining({ email: '7@example.org', name: 'Customer 7', role: 'customer' }),
    );
    expect(accounts).toContainEqual(expect.objectContaining({ email: 'staff@seam.local', role: 'staff' }));
    expect(Object.keys(accounts[0]!).sort()).toEqual(['email', 'name', 'role', 'userId']);
  });
});
