import { jest } from '@jest/globals';
import { access } from 'node:fs/promises';
import { withClient } from '../postgres/create.js';
import { pollUntil } from '../embedded/signal.js';
import { startInChild } from './child.js';
import { createTestDatabase, startTestServer } from './test-server.js';

jest.setTimeout(60_000);

const isGone = (path: string): Promise<boolean> =>
  access(path).then(
    () => false,
    () => true,
  );

it('creates empty databases, and leaves nothing behind', async () => {
  const server = await startTestServer();
  const urls = await Promise.all([1, 2].map(() => createTestDatabase(server, 'fresh')));
  expect(new Set(urls).size).toBe(2);
  for (const url of urls) await withClient(url, (client) => client.query('CREATE TABLE here ()'));
  await server.stop();
  expect(await isGone(server.dataDirectory)).toBe(true);
});

(process.platform === 'win32' ? it.skip : it)('is cleaned up after a test process that was killed', async () => {
  const child = startInChild('test-server');
  const { dataDirectory = '', error } = await child.started;
  expect(error).toBeUndefined();
  expect(await isGone(dataDirectory)).toBe(false);
  await child.kill();
  expect(await pollUntil(() => isGone(dataDirectory), 20_000)).toBe(true);
});
