import { shop } from '@seam/contracts';
import { type RunningProcess, startProcess } from '@seam/host';
import { newId } from '@seam/kernel';
import { Committer, type Work } from '@seam/messaging';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { readSettings } from '@seam/process';
import { eventually } from '@seam/testing';
import type { EntityManager } from 'typeorm';
import { startTestServer } from '@seam/persistence/testing';
import { PasswordHasher, type Verdict } from '../../ports/password-hasher.js';
import { Sessions } from '../../ports/sessions.js';
import { Users } from '../../ports/users.js';
import { callAt } from '../../testing/call.js';
import { usersService } from '../../users.definition.js';
import { newRefreshToken } from '../token-issuer.js';

const OLD = 'the old password';
const NEW = 'the new password';

let postgres: EmbeddedPostgres;
let running: RunningProcess;
let users: Users;
let sessions: Sessions;
let hasher: PasswordHasher;
let committer: Committer;
let database: Database;
let email: string;

beforeAll(async () => {
  postgres = await startTestServer();
  running = await startProcess(
    { ...shop, services: [usersService] },
    readSettings({ PORT: '0', SEAM_LOG: 'error', DATABASE_URL: postgres.url('postgres') }),
  );
  const get = running.app.get.bind(running.app);
  [users, sessions, hasher] = [get(Users), get(Sessions), get(PasswordHasher)];
  [committer, database] = [get(Committer), get(Database)];
});
afterAll(async () => {
  await running.close();
  await postgres.stop();
});
beforeEach(async () => {
  email = `${newId()}@example.org`;
  await callAt(running.url, 'POST', '/api/users', { email, password: OLD, name: 'Ada' });
});

const logIn = (password: string) => callAt(running.url, 'POST', '/api/auth/login', { email, password });
const account = async () => (await users.byEmail(email))!;

async function changePassword(): Promise<void> {
  const { id } = await account();
  await committer.commit(users.makeStaff(id, await hasher.hash(NEW)));
}

const liveSessions = (): Promise<unknown[]> =>
  database.query(
    `select f.id from refresh_family f join user_account u on u.id = f.user_id
     where u.email = $1 and f.revoked_at is null`,
    [email],
  );

/** Runs a work in a transaction of its own, which ends when `until` has resolved. */
const apart = (asked: Work, until?: () => Promise<void>): Promise<void> =>
  database.dataSource.transaction(async (entities) => {
    await (asked.input as (entities: EntityManager) => Promise<unknown>)(entities);
    await until?.();
  });

/** Runs an action right after the next password was verified successfully. */
function afterVerdict(verdict: Verdict, happens: () => Promise<void>): void {
  const verify = hasher.verify.bind(hasher);
  hasher.verify = async (...asked) => {
    hasher.verify = verify;
    expect(await verify(...asked)).toBe('right');
    await happens();
    return verdict;
  };
}

describe('a login during which the password is changed', () => {
  it.each<Verdict>(['right', 'outdated'])('is refused, and leaves nothing: %s', async (verdict) => {
    afterVerdict(verdict, changePassword);
    expect(await logIn(OLD)).toMatchObject({ status: 401, body: { code: 'AUTH.BAD_CREDENTIALS' } });
    expect(await liveSessions()).toEqual([]);
    expect((await logIn(NEW)).status).toBe(200);
  });

  it('succeeds if only the hash of the same password was renewed', async () => {
    afterVerdict('outdated', async () => {
      const { id, passwordHash } = await account();
      await committer.commit(users.replacePasswordHash(id, passwordHash, await hasher.hash(OLD)));
    });
    expect((await logIn(OLD)).status).toBe(200);
    expect(await liveSessions()).toHaveLength(1);
  });

  it('blocks the change while its session is being stored, and the change ends that session', async () => {
    const { id, passwordHash } = await account();
    const passwordOfStaff = await hasher.hash(NEW);
    let changed: Promise<void> | undefined;
    const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and query like 'UPDATE "user_account"%'`;
    await apart(sessions.begin({ id, passwordHash }, newRefreshToken(), new Date()), async () => {
      changed = apart(users.makeStaff(id, passwordOfStaff));
      await eventually(async () => expect(await database.query(waits)).toHaveLength(1));
    });
    await changed;
    expect(await liveSessions()).toEqual([]);
  });
});
