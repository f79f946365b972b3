import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '../database/create.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded/start.js';

/**
 * A throw-away server of the test file's own, in the system's temporary directory. Call `stop()` in `afterAll`: it also
 * removes the data.
 */
export async function startTestServer(): Promise<EmbeddedPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'seam-test-'));
  // As root the server runs as another user, who must be able to enter.
  await chmod(directory, 0o755);
  const server = await startEmbeddedPostgres({ directory: join(directory, 'data') });
  return {
    ...server,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A fresh, empty database; its name is `name` with a random ending. Gives the URL. */
export async function createTestDatabase(server: EmbeddedPostgres, name: string): Promise<string> {
  const database = `${name}_${randomUUID().slice(0, 8)}`;
  await withClient(server.url('postgres'), (client) =>
    client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`),
  );
  return server.url(database);
}
