import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '../postgres/create.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded/start.js';

/**
 * A throw-away server for one test file, in the system's temporary directory. Call `stop()` in `afterAll`: it also
 * removes the data. If the test process dies before, a watcher process does both. `settings` are settings of the
 * server.
 */
export async function startTestServer(settings: Readonly<Record<string, string>> = {}): Promise<EmbeddedPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'seam-test-'));
  // When started by root, the server runs as another user, who must be able to enter.
  await chmod(directory, 0o755);
  const release = watchOver(directory);
  const server = await startWith(join(directory, 'data'), settings);
  return {
    ...server,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
      release();
    },
  };
}

/** With settings that a server can only read at its start. */
async function startWith(directory: string, settings: Readonly<Record<string, string>>): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ directory });
  if (Object.keys(settings).length === 0) return server;
  await withClient(server.url('postgres'), async (client) => {
    for (const [name, value] of Object.entries(settings))
      await client.query(`ALTER SYSTEM SET ${client.escapeIdentifier(name)} = ${client.escapeLiteral(value)}`);
  });
  await server.stop();
  return startEmbeddedPostgres({ directory });
}

/** A new, empty database; its name is `name` with a random suffix. Returns the URL. */
export async function createTestDatabase(server: EmbeddedPostgres, name: string): Promise<string> {
  const database = `${name}_${randomUUID().slice(0, 8)}`;
  await withClient(server.url('postgres'), (client) =>
    client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`),
  );
  return server.url(database);
}

/**
 * `cat` ends when the pipe from this process is closed, however this process ended. The server removes its pid file
 * itself.
 */
const WATCHER = `
  cat >/dev/null
  file="$1/data/postgres/postmaster.pid"
  [ -f "$file" ] && kill -INT "$(head -n 1 "$file")" 2>/dev/null
  tries=0
  while [ -f "$file" ] && [ "$tries" -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
  rm -rf "$1"
`;

/** Cleans up after this process, even after a `kill -9`. Not on Windows. Returns a function that stops it. */
function watchOver(directory: string): () => void {
  if (process.platform === 'win32') return () => undefined;
  const watcher = spawn('/bin/sh', ['-c', WATCHER, 'sh', directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => undefined); // No shell: the data stays in the temporary directory.
  watcher.unref();
  (watcher.stdin as Socket).unref();
  return () => watcher.stdin.end();
}
