import { shop } from '@seam/contracts';
import { type RunningProcess, startProcess } from '@seam/host';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { readSettings, type Settings } from '@seam/process';
import { decodeJwt } from 'jose';
import { startTestServer } from '@seam/persistence/testing';
import { usersService } from '../../users.definition.js';

let postgres: EmbeddedPostgres;
let running: RunningProcess;

beforeAll(async () => {
  postgres = await startTestServer();
  running = await startProcess({ ...shop, services: [usersService] }, withPassword('first staff password'));
});

afterAll(async () => {
  await running.close();
  await postgres.stop();
});

const withPassword = (password: string | undefined, more: Record<string, string> = {}): Settings =>
  readSettings(
    {
      PORT: '0',
      SEAM_LOG: 'error',
      DATABASE_URL: postgres.url('postgres'),
      SEAM_STAFF_PASSWORD: password,
      ...more,
    },
    { services: [usersService] },
  );

async function post(path: string, sent: unknown, at = running): Promise<{ status: number; body: any }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${at.url}${path}`, { method: 'POST', headers, body: JSON.stringify(sent) });
  return { status: response.status, body: await response.json() };
}

const refresh = async (refreshToken: string): Promise<number> =>
  (await post('/api/auth/refresh', { refreshToken })).status;

describe('the staff account', () => {
  const logIn = (password: string, at = running): ReturnType<typeof post> =>
    post('/api/auth/login', { email: 'staff@seam.local', password }, at);

  const forgetStaff = async (): Promise<void> => {
    const staff = `select id from user_account where email = 'staff@seam.local'`;
    await running.app.get(Database).query(`delete from refresh_family where user_id in (${staff})`);
    await running.app.get(Database).query(`delete from user_account where id in (${staff})`);
  };

  it('has the password of the settings, and after the next start that of its settings', async () => {
    const { body } = await logIn('first staff password');
    expect(decodeJwt(body.accessToken)['role']).toBe('staff');
    const later = await startProcess({ ...shop, services: [usersService] }, withPassword('second staff password'));
    expect((await logIn('first staff password', later)).status).toBe(401);
    expect((await logIn('second staff password', later)).status).toBe(200);
    expect(await refresh(body.refreshToken)).toBe(401);
    expect(later.notes).toEqual([]);
    await later.close();
  });

  it('exists without the demo, and then uses the password of the settings, too', async () => {
    const without = { SEAM_DEMO: 'false' };
    const first = await startProcess(
      { ...shop, services: [usersService] },
      withPassword('password of no demo', without),
    );
    const { body, status } = await logIn('password of no demo', first);
    expect([status, decodeJwt(body.accessToken)['role']]).toEqual([200, 'staff']);
    await first.close();
    await forgetStaff();
    const second = await startProcess({ ...shop, services: [usersService] }, withPassword(undefined, without));
    expect(second.notes).toEqual([expect.stringMatching(/^staff {2}staff@seam.local, password \S+/)]);
    await second.close();
  });

  it('that a customer has registered becomes a staff account only with a new password', async () => {
    await forgetStaff();
    await post('/api/users', { email: 'staff@seam.local', password: 'password of nobody', name: 'X' });
    const { body } = await logIn('password of nobody');
    const unset = await startProcess({ ...shop, services: [usersService] }, withPassword(undefined));
    expect(decodeJwt((await logIn('password of nobody', unset)).body.accessToken)['role']).toBe('customer');
    await unset.close();
    const set = await startProcess({ ...shop, services: [usersService] }, withPassword('third staff password'));
    expect((await logIn('password of nobody', set)).status).toBe(401);
    expect(decodeJwt((await logIn('third staff password', set)).body.accessToken)['role']).toBe('staff');
    expect(await refresh(body.refreshToken)).toBe(401);
    await set.close();
  });

  it('is created once by replicas that start at once', async () => {
    await forgetStaff();
    const mine = withPassword('fourth staff password');
    const both = await Promise.all([
      startProcess({ ...shop, services: [usersService] }, mine),
      startProcess({ ...shop, services: [usersService] }, mine),
    ]);
    expect((await logIn('fourth staff password')).status).toBe(200);
    await Promise.all(both.map((each) => each.close()));
  });

  it('gets a random password at the first start, which is shown only then', async () => {
    await forgetStaff();
    const first = await startProcess({ ...shop, services: [usersService] }, withPassword(undefined));
    const password = /password (\S+)/.exec(first.notes.join())?.[1] ?? '';
    expect((await logIn(password, first)).status).toBe(200);
    await first.close();
    const second = await startProcess({ ...shop, services: [usersService] }, withPassword(undefined));
    expect([second.notes, (await logIn(password, second)).status]).toEqual([[], 200]);
    await second.close();
  });
});
