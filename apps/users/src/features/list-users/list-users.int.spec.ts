import { shop } from '@seam/contracts';
import { type RunningProcess, startProcess } from '@seam/host';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { readSettings } from '@seam/process';
import { startTestServer } from '@seam/persistence/testing';
import { type Answer, callAt } from '../../testing/call.js';
import { usersService } from '../../users.definition.js';

const STAFF_PASSWORD = 'a password of the staff';

let postgres: EmbeddedPostgres;
let running: RunningProcess;

beforeAll(async () => {
  postgres = await startTestServer();
  const environment = { PORT: '0', SEAM_LOG: 'error', SEAM_STAFF_PASSWORD: STAFF_PASSWORD };
  running = await startProcess(
    { ...shop, services: [usersService] },
    readSettings({ ...environment, DATABASE_URL: postgres.url('postgres') }),
  );
});

afterAll(async () => {
  await running.close();
  await postgres.stop();
});

const call = (method: string, path: string, body?: unknown, token?: string): Promise<Answer> =>
  callAt(running.url, method, path, body, token);

describe('GET /api/users', () => {
  const staffToken = async (): Promise<string> => {
    const credentials = { email: 'staff@seam.local', password: STAFF_PASSWORD };
    return (await call('POST', '/api/auth/login', credentials)).body.accessToken as string;
  };
  const emails = (answer: Answer): string[] => answer.body.items.map(({ email }: { email: string }) => email);
  const named = async (email: string, name: string): Promise<void> => {
    expect((await call('POST', '/api/users', { email, password: 'correct horse battery', name })).status).toBe(201);
  };

  beforeAll(async () => {
    await named('a_b%c@search.example', 'Zoë');
    await named('zoë@search.example', 'Zoe');
    await named('bob@xn--srch-loa.example', 'Bob');
  });

  it('shows staff the accounts, newest first, page by page', async () => {
    for (const i of [1, 2, 3]) await named(`listed-${i}@example.org`, 'Listed');
    const token = await staffToken();
    const first = await call('GET', '/api/users?q=listed-&limit=2', undefined, token);
    expect(emails(first)).toEqual(['listed-3@example.org', 'listed-2@example.org']);
    expect(first.body.items[0]).toEqual({
      id: expect.any(String),
      email: 'listed-3@example.org',
      name: 'Listed',
      role: 'customer',
      registeredAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    await named('listed-4@example.org', 'Listed');
    const second = await call('GET', `/api/users?q=listed-&limit=2&cursor=${first.body.nextCursor}`, undefined, token);
    expect([emails(second), second.body.nextCursor]).toEqual([['listed-1@example.org'], null]);
  });

  it.each([
    ['?q=zoe', ['zoë@search.example']],
    ['?q=zo%C3%AB', ['zoë@search.example', 'a_b%c@search.example']],
    ['?q=ZOE%CC%88', ['zoë@search.example', 'a_b%c@search.example']],
    ['?q=a_b%25', ['a_b%c@search.example']],
    ['?q=a%25c', []],
    ['?q=search.example&role=staff', []],
    ['?q=bob@xn--srch-loa.example', ['bob@särch.example']],
    ['?role=staff', ['staff@seam.local']],
  ])('finds by %s', async (search, expected) => {
    expect(emails(await call('GET', `/api/users${search}`, undefined, await staffToken()))).toEqual(expected);
  });

  it('is for the staff only, and refuses invalid queries', async () => {
    await named('customer@example.org', 'Customer');
    const credentials = { email: 'customer@example.org', password: 'correct horse battery' };
    const { accessToken } = (await call('POST', '/api/auth/login', credentials)).body;
    expect((await call('GET', '/api/users')).status).toBe(401);
    expect((await call('GET', '/api/users', undefined, accessToken)).status).toBe(403);
    const token = await staffToken();
    for (const wrong of ['limit=0', 'cursor=abc', 'role=admin', 'q=%00', 'password=x']) {
      expect((await call('GET', `/api/users?${wrong}`, undefined, token)).status).toBe(400);
    }
  });
});
