import { shop } from '@seam/contracts';
import { type RunningProcess, startProcess } from '@seam/host';
import { type Message, systemClock } from '@seam/kernel';
import { Committer, InProcessBroker } from '@seam/messaging';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { readSettings, type Settings } from '@seam/process';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { startTestServer } from '@seam/persistence/testing';
import type { QueryRunner } from 'typeorm';
import { PostgresSigningKeys } from './adapters/postgres-signing-keys.js';
import { UnicodeDomains1764150000000 } from './migrations/unicode-domains.js';
import { SigningKeys } from './ports/signing-keys.js';
import { type Answer, callAt } from './testing/call.js';
import { usersService } from './users.definition.js';

let postgres: EmbeddedPostgres;
let settings: Settings;
let running: RunningProcess;
const published: Message[] = [];

class RecordingBroker extends InProcessBroker {
  override publish(message: Message): Promise<void> {
    published.push(message);
    return super.publish(message);
  }
}

beforeAll(async () => {
  postgres = await startTestServer();
  settings = readSettings({
    PORT: '0',
    SEAM_LOG: 'error',
    DATABASE_URL: postgres.url('postgres'),
  });
  running = await startProcess({ ...shop, services: [usersService] }, settings, { transport: new RecordingBroker() });
});

afterAll(async () => {
  await running.close();
  await postgres.stop();
});

const call = (method: string, path: string, body?: unknown, token?: string, at = running): Promise<Answer> =>
  callAt(at.url, method, path, body, token);

let serial = 0;
const newUser = (): { email: string; password: string; name: string } => {
  serial += 1;
  return { email: `user${serial}@example.org`, password: 'correct horse battery', name: 'Ada' };
};

async function loggedIn(): Promise<{ email: string; password: string; accessToken: string; refreshToken: string }> {
  const user = newUser();
  await call('POST', '/api/users', user);
  const { body } = await call('POST', '/api/auth/login', { email: user.email, password: user.password });
  return { ...user, ...body };
}

const refresh = (refreshToken: string): Promise<Answer> => call('POST', '/api/auth/refresh', { refreshToken });

/** The database of the running service. */
const query = (text: string, params: unknown[] = []): Promise<any[]> => running.app.get(Database).query(text, params);

describe('register', () => {
  it('opens a customer account under the normalised address, and publishes it', async () => {
    const { status, body } = await call('POST', '/api/users', { ...newUser(), email: '  Ada@Example.ORG ' });
    expect(status).toBe(201);
    expect(body).toEqual({ id: expect.any(String), email: 'ada@example.org', name: 'Ada', role: 'customer' });
    const { id, ...rest } = body;
    expect(published).toContainEqual(
      expect.objectContaining({ type: 'users.user-registered.v1', data: { userId: id, ...rest } }),
    );
  });

  it('creates one account per address, even if two requests arrive at once', async () => {
    const user = newUser();
    const both = await Promise.all([
      call('POST', '/api/users', user),
      call('POST', '/api/users', { ...user, email: user.email.toUpperCase() }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect((await call('POST', '/api/users', user)).body.code).toBe('USER.EMAIL_TAKEN');
  });

  it.each([
    ['a role', { role: 'staff' }],
    ['an id', { id: '1' }],
    ['a short password', { password: 'short' }],
    ['a password over 128 characters', { password: 'x'.repeat(129) }],
    ['a common password', { password: 'Password123' }],
    ['no address', { email: 'nobody' }],
    ['an address that is an object', { email: { $ne: null } }],
    ['a name that is not text', { name: 'a\u0000b' }],
  ])('refuses %s', async (_, wrong) => {
    const { status, body } = await call('POST', '/api/users', { ...newUser(), ...wrong });
    expect(status).toBe(400);
    expect(body.errors).toHaveLength(1);
  });

  it('accepts a password of 128 characters', async () => {
    const user = { ...newUser(), password: 'pä ss 🔑'.repeat(16).slice(0, 128) };
    expect((await call('POST', '/api/users', user)).status).toBe(201);
    expect((await call('POST', '/api/auth/login', { email: user.email, password: user.password })).status).toBe(200);
  });
});

describe('an address with an international domain', () => {
  it('is one account, in whichever form its domain is written', async () => {
    const user = { ...newUser(), email: 'Ada+%tea@Bücher.example' };
    const { status, body } = await call('POST', '/api/users', user);
    expect([status, body.email]).toEqual([201, 'ada+%tea@bücher.example']);
    const ascii = 'ada+%tea@xn--bcher-kva.example';
    expect((await call('POST', '/api/users', { ...user, email: ascii })).body.code).toBe('USER.EMAIL_TAKEN');
    for (const email of [user.email, ascii, 'ada+%tea@bu\u0308cher.example']) {
      expect((await call('POST', '/api/auth/login', { email, password: user.password })).status).toBe(200);
    }
  });

  it('stays the same account if it was registered in ASCII, before Unicode was possible', async () => {
    const { email, password } = await loggedIn();
    await query(`update user_account set email = 'eve@xn--tst-qla.example' where email = $1`, [email]);
    await new UnicodeDomains1764150000000().up({ query } as unknown as QueryRunner);
    const known = await call('POST', '/api/auth/login', { email: 'eve@xn--tst-qla.example', password });
    expect([known.status, decodeJwt(known.body.accessToken)['email']]).toEqual([200, 'eve@täst.example']);
  });
});

describe('a password in either form of Unicode', () => {
  const [composed, decomposed] = ['Zwölf Bücher', 'Zwo\u0308lf Bu\u0308cher'];
  const logIn = async (email: string, password: string): Promise<number> =>
    (await call('POST', '/api/auth/login', { email, password })).status;

  it('is the same password', async () => {
    for (const password of [composed, decomposed]) {
      const user = { ...newUser(), password };
      expect((await call('POST', '/api/users', user)).status).toBe(201);
      expect([await logIn(user.email, composed), await logIn(user.email, decomposed)]).toEqual([200, 200]);
      expect(await logIn(user.email, 'Zwolf Bucher')).toBe(401);
    }
  });

  it('accepts an account whose password was hashed unnormalised, and hashes it again', async () => {
    const { default: argon2 } = await import('argon2');
    const hash = await argon2.hash(decomposed, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    const hashOf = async (email: string): Promise<string> => {
      const [row] = await query('select password_hash from user_account where email = $1', [email]);
      return row.password_hash as string;
    };
    for (const typed of [composed, decomposed]) {
      const { email } = await loggedIn();
      await query('update user_account set password_hash = $2 where email = $1', [email, hash]);
      expect(await logIn(email, typed)).toBe(200);
      expect(await argon2.verify(await hashOf(email), composed)).toBe(true);
    }
  });
});

describe('log-in', () => {
  it('returns tokens that all services accept', async () => {
    const user = newUser();
    await call('POST', '/api/users', user);
    const { status, headers, body } = await call('POST', '/api/auth/login', {
      email: user.email.toUpperCase(),
      password: user.password,
    });
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toMatchObject({ expiresIn: 900, tokenType: 'Bearer' });
    const me = await call('GET', '/api/users/me', undefined, body.accessToken);
    expect(me.body).toEqual({ id: expect.any(String), email: user.email, name: 'Ada', role: 'customer' });
    expect(decodeJwt(body.accessToken)).toMatchObject({ sub: me.body.id, iss: 'seam', aud: 'seam-api' });
  });

  it('answers the same for a wrong password and an unknown account', async () => {
    const user = newUser();
    await call('POST', '/api/users', user);
    const wrong = await call('POST', '/api/auth/login', { email: user.email, password: 'wrong' });
    const unknown = await call('POST', '/api/auth/login', { email: 'nobody@example.org', password: 'wrong' });
    const nonsense = await call('POST', '/api/auth/login', { email: 'not an address', password: 'wrong' });
    for (const answer of [wrong, unknown, nonsense]) {
      expect(answer).toMatchObject({ status: 401, body: { code: 'AUTH.BAD_CREDENTIALS', detail: wrong.body.detail } });
    }
  });

  it('blocks an address for an account after ten failures, and never counts successes', async () => {
    const user = newUser();
    await call('POST', '/api/users', user);
    const { email, password } = user;
    const many = await Promise.all(
      Array.from({ length: 15 }, () => call('POST', '/api/auth/login', { email, password })),
    );
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200]));
    const guesses = await Promise.all(
      Array.from({ length: 20 }, () => call('POST', '/api/auth/login', { email, password: 'guess' })),
    );
    // Two passwords are verified at a time, so besides the tenth failure there may be one more.
    expect(guesses.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(11);
    const closed = await call('POST', '/api/auth/login', { email, password });
    expect([closed.status, closed.body.code]).toEqual([429, 'AUTH.TOO_MANY_ATTEMPTS']);
    expect(Number(closed.headers.get('retry-after'))).toBeGreaterThan(890);
  });

  it('counts the failures of all processes together, and deletes them after a success', async () => {
    const { email, password } = newUser();
    await call('POST', '/api/users', { email, password, name: 'Ada' });
    const other = await startProcess({ ...shop, services: [usersService] }, settings, {
      transport: new InProcessBroker(),
    });
    const logIn = async (given: string, at: RunningProcess): Promise<number> =>
      (await call('POST', '/api/auth/login', { email, password: given }, undefined, at)).status;
    const failures = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) expect(await logIn('guess', n % 2 === 0 ? running : other)).toBe(401);
    };
    try {
      await failures(9);
      expect(await logIn(password, other)).toBe(200);
      await failures(10);
      expect([await logIn(password, running), await logIn(password, other)]).toEqual([429, 429]);
      // Simulates that 15 minutes have passed.
      await query('update login_failure set expire = $1', [Date.now() - 1]);
      expect(await logIn(password, other)).toBe(200);
    } finally {
      await other.close();
    }
  });

  it('renews at log-in a hash that was made with weaker parameters', async () => {
    const { email, password } = await loggedIn();
    const { default: argon2 } = await import('argon2');
    const cheap = await argon2.hash(password, { memoryCost: 1024, timeCost: 2, parallelism: 1 });
    await query('update user_account set password_hash = $2 where email = $1', [email, cheap]);
    expect((await call('POST', '/api/auth/login', { email, password })).status).toBe(200);
    const [row] = await query('select password_hash from user_account where email = $1', [email]);
    expect(row.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,(t=2,p=1|p=1,t=2)\$/);
  });
});

describe('refresh tokens', () => {
  it('can be exchanged once; a second use ends the session', async () => {
    const { refreshToken } = await loggedIn();
    const second = await refresh(refreshToken);
    expect(second.status).toBe(200);
    const third = await refresh(second.body.refreshToken);
    expect(third.status).toBe(200);
    expect(await refresh(refreshToken)).toMatchObject({ status: 401, body: { code: 'AUTH.REFRESH_TOKEN_INVALID' } });
    expect((await refresh(third.body.refreshToken)).status).toBe(401);
  });

  it('have one winner of twenty concurrent exchanges, and the winner’s session continues', async () => {
    const { refreshToken } = await loggedIn();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
    const won = answers.filter(({ status }) => status === 200);
    expect([won.length, answers.filter(({ status }) => status === 401).length]).toEqual([1, 19]);
    expect((await refresh(won[0]?.body.refreshToken)).status).toBe(200);
  });

  it('are not access tokens, and access tokens are not refresh tokens', async () => {
    const { refreshToken, accessToken } = await loggedIn();
    expect((await call('GET', '/api/users/me', undefined, refreshToken)).status).toBe(401);
    expect((await refresh(accessToken.slice(0, 200))).status).toBe(401);
  });

  it('expire with the session', async () => {
    const { refreshToken, email } = await loggedIn();
    await query(
      `update refresh_family set expires_at = now() where user_id = (select id from user_account where email = $1)`,
      [email],
    );
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  it('are stored only as hashes', async () => {
    const { refreshToken } = await loggedIn();
    const rows = await query('select encode(hash, $1) as hash from refresh_token', ['escape']);
    expect(JSON.stringify(rows)).not.toContain(refreshToken);
  });

  it('end with the log-out, whose answer does not show whether a token was known', async () => {
    const { refreshToken } = await loggedIn();
    const next = (await refresh(refreshToken)).body.refreshToken as string;
    expect((await call('POST', '/api/auth/logout', { refreshToken: next })).status).toBe(204);
    expect((await refresh(next)).status).toBe(401);
    expect((await call('POST', '/api/auth/logout', { refreshToken: 'unknown' })).status).toBe(204);
    expect((await call('POST', '/api/auth/logout', {})).status).toBe(400);
  });
});

describe('signing keys', () => {
  it('rotate without a token becoming invalid, and publish no private part', async () => {
    const before = await loggedIn();
    await running.app.get(SigningKeys).rotate();
    const after = await loggedIn();
    const kids = [before, after].map(({ accessToken }) => decodeProtectedHeader(accessToken).kid);
    const { body, headers } = await call('GET', '/.well-known/jwks.json');
    expect(body.keys.map(({ kid }: { kid: string }) => kid)).toEqual([kids[1], kids[0]]);
    expect(body.keys.every((key: object) => !('d' in key))).toBe(true);
    expect(headers.get('cache-control')).toBe('public, max-age=300');
    for (const { accessToken } of [before, after]) {
      expect((await call('GET', '/api/users/me', undefined, accessToken)).status).toBe(200);
    }
  });

  it('are created once, however many processes start at once', async () => {
    await query('delete from signing_key');
    const [database, committer] = [running.app.get(Database), running.app.get(Committer)];
    const processes = Array.from({ length: 5 }, () => new PostgresSigningKeys(database, committer, systemClock));
    const keys = await Promise.all(processes.map((each) => each.current()));
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1);
    expect(await query('select from signing_key')).toHaveLength(1);
  });
});
