import { engine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClickHouseDatabase } from './clickhouse-database.js';

const server = engine('clickhouse');
const THINGS = `create table if not exists thing (id UInt32, text String) engine = ReplacingMergeTree order by id`;

const open = (url: string, o: { waitMs?: number; log?: (line: string) => void } = {}): Promise<ClickHouseDatabase> =>
  ClickHouseDatabase.open({ url, service: 'my-test', tables: [THINGS], waitMs: 10_000, log: () => undefined, ...o });
const freshUrl = (): string => `${server!.url}/t${randomUUID().slice(0, 8)}`;

(server ? describe : describe.skip)('a database on ClickHouse', () => {
  it('is created by any number of processes that start at once, and found by the next', async () => {
    const url = freshUrl();
    const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => open(url)));
    await first!.insert('thing', [{ id: 1, text: 'nul \u0000 and ☃' }]);
    const later = await open(url);
    expect(await later.query('select text from thing final')).toEqual([{ text: 'nul \u0000 and ☃' }]);
    await Promise.all([first!, ...others, later].map((database) => database.close()));
  });

  it('rejects with the server’s own refusal, and does not affect the next request', async () => {
    const database = await open(freshUrl());
    await expect(database.insert('thing', [{ id: 'x' }])).rejects.toThrow(/parse/i);
    await expect(database.query('select nonsense')).rejects.toThrow(/nonsense/);
    expect(await database.query('select {n:UInt8} as n', { n: 7 })).toEqual([{ n: 7 }]);
    await database.close();
  });
});

describe('an unusable server', () => {
  let fake: Server;
  const answering = async (listener: RequestListener): Promise<string> => {
    fake = createServer(listener);
    await new Promise<void>((listening) => fake.listen(0, '127.0.0.1', listening));
    return `http://user:wr0ng@127.0.0.1:${(fake.address() as AddressInfo).port}`;
  };
  afterEach(() => {
    fake.closeAllConnections();
    fake.close();
  });

  it('that refuses the password is an error at once, which does not show the password', async () => {
    const seen: (string | undefined)[] = [];
    const url = await answering((request, response) => {
      seen.push(request.headers.authorization);
      response.statusCode = 516;
      const text = 'Code: 516. DB::Exception: user: Authentication failed. (AUTHENTICATION_FAILED) (version 25.8.1.1)';
      response.setHeader('X-ClickHouse-Exception-Code', '516').end(text);
    });
    const error: unknown = await open(url).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'PERSISTENCE.ENGINE_REFUSED',
      message: expect.stringMatching(/^CLICKHOUSE_URL: ClickHouse at 127\.0\.0\.1:\d+: .*user or the password/),
    });
    expect(String(error)).not.toContain('wr0ng');
    expect(seen).toEqual([`Basic ${Buffer.from('user:wr0ng').toString('base64')}`]);
  });

  it('that is unavailable is waited for, and is an error if it stays unavailable', async () => {
    const url = await answering(() => undefined);
    await new Promise((closed) => fake.close(closed));
    const lines: string[] = [];
    const opening = open(url, { waitMs: 400, log: (line) => lines.push(line) });
    opening.catch(() => undefined);
    await eventually(() => expect(lines).toEqual([expect.stringMatching(/^waiting for ClickHouse at 127/)]));
    await expect(opening).rejects.toMatchObject({ code: 'PERSISTENCE.ENGINE_AWAY' });
  });

  it('that is overloaded, or ends the connection, counts as unavailable', async () => {
    let answer: RequestListener = (_, response) => response.end();
    const database = await open(await answering((request, response) => answer(request, response)));
    const unavailable = { code: 'STORE.UNAVAILABLE' };
    answer = (_, response) => {
      response.statusCode = 500;
      const text = 'Code: 252. DB::Exception: Too many parts. (TOO_MANY_PARTS) (version 25.8.1.1)';
      response.setHeader('X-ClickHouse-Exception-Code', '252').end(text);
    };
    await expect(database.insert('thing', [{ id: 1 }])).rejects.toMatchObject(unavailable);
    answer = (request) => request.socket.destroy();
    await expect(database.insert('thing', [{ id: 1 }])).rejects.toMatchObject(unavailable);
    await database.close();
  });
});
