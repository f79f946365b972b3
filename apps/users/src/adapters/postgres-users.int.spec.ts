import { Logger } from '@nestjs/common';
import { newId } from '@seam/kernel';
import type { AfterCommit, Cause } from '@seam/messaging';
import { messagingMigrations, PostgresCommitter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { LoginFailures1764250000000 } from '../migrations/login-failures.js';
import { UnicodeDomains1764150000000 } from '../migrations/unicode-domains.js';
import { Users1760000200000 } from '../migrations/users.js';
import type { UserWithPassword } from '../ports/users.js';
import { PostgresUsers } from './postgres-users.js';
import { RefreshFamilyEntity, RefreshTokenEntity } from './session.entity.js';
import { SigningKeyEntity } from './signing-key.entity.js';
import { UserEntity } from './user.entity.js';

const noRelay: AfterCommit = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };

let server: EmbeddedPostgres;
let database: Database;
let users: PostgresUsers;
const newCommitter = (): PostgresCommitter => new PostgresCommitter({ service: 'users', database, relay: noRelay });

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestServer();
  database = await Database.open({
    name: 'users',
    url: await createTestDatabase(server, 'users'),
    migrations: [...messagingMigrations, Users1760000200000, UnicodeDomains1764150000000, LoginFailures1764250000000],
    entities: [UserEntity, RefreshFamilyEntity, RefreshTokenEntity, SigningKeyEntity],
  });
  users = new PostgresUsers(database);
});
beforeEach(() => database.query('truncate user_account, refresh_family, refresh_token, outbox, inbox'));
afterAll(async () => {
  await database.close();
  await server.stop();
});

const ada = (): UserWithPassword => ({
  id: newId(),
  email: 'ada@example.org',
  name: 'Ada',
  role: 'customer',
  passwordHash: '$argon2id$',
});
const cause = (): Cause => ({ messageId: newId(), handler: 'test', correlationId: newId() });
const stored = async (): Promise<unknown> => {
  const [row] = await database.query(
    `select (select count(*)::int from user_account) as accounts, (select count(*)::int from outbox) as messages,
            (select count(*)::int from inbox) as marks`,
  );
  return row;
};

describe('the entities of users', () => {
  it('describe the tables exactly as the migrations have created them, including constraints and indexes', async () => {
    const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });
});

describe('a new account', () => {
  it('is stored once with its message and the mark of its cause, even if that is repeated or reaches two processes at once', async () => {
    const [account, from] = [ada(), cause()];
    const answers = await Promise.all(
      [newCommitter(), newCommitter()].map((committer) => committer.handle(users.add(account), from)),
    );
    expect(answers.sort()).toEqual(['done', 'duplicate']);
    expect(await newCommitter().handle(users.add(account), from)).toBe('duplicate');
    expect(await stored()).toEqual({ accounts: 1, messages: 1, marks: 1 });
    expect(await users.byId(account.id)).toEqual({
      id: account.id,
      email: account.email,
      name: 'Ada',
      role: 'customer',
    });
  });

  it('is not stored if its message or its mark cannot be written', async () => {
    for (const table of ['outbox', 'inbox']) {
      const from = cause();
      await database.query(`alter table ${table} add constraint closed check (false) not valid`);
      await expect(newCommitter().handle(users.add(ada()), from)).rejects.toMatchObject({ code: '23514' });
      expect(await stored()).toEqual({ accounts: 0, messages: 0, marks: 0 });
      await database.query(`alter table ${table} drop constraint closed`);
    }
    expect(await newCommitter().handle(users.add(ada()), cause())).toBe('done');
    expect(await stored()).toEqual({ accounts: 1, messages: 1, marks: 1 });
  });

  it('can have an address only once, even if several processes register it at once', async () => {
    const committers = [newCommitter(), newCommitter(), newCommitter()];
    const adding = Array.from({ length: 12 }, (_, n) => committers[n % 3]!.commit(users.add(ada())));
    const answers = await Promise.allSettled(adding);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'USER.EMAIL_TAKEN' });
    expect(await stored()).toEqual({ accounts: 1, messages: 1, marks: 0 });
  });

  it('returns its hash only to a query by its address', async () => {
    const account = ada();
    await newCommitter().commit(users.add(account));
    const [listed] = await users.list({ limit: 1 });
    expect(JSON.stringify(listed)).not.toContain('argon2');
    expect(listed).toMatchObject({ id: account.id, registeredAt: expect.any(Date) });
    expect(await users.byEmail(account.email)).toMatchObject({ id: account.id, passwordHash: account.passwordHash });
  });
});
