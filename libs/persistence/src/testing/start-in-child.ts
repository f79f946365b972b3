// A separate process that starts a server, reports that in one line, and runs until it is killed. Its argument: the
// data directory, or `test-server` for a throw-away server.
import { startEmbeddedPostgres } from '../embedded/start.js';
import { startTestServer } from './test-server.js';

try {
  const directory = process.argv[2] ?? '';
  const server = await (directory === 'test-server' ? startTestServer() : startEmbeddedPostgres({ directory }));
  console.log(JSON.stringify({ url: server.url('postgres'), dataDirectory: server.dataDirectory }));
  setInterval(() => undefined, 60_000);
} catch (error) {
  console.log(JSON.stringify({ error: (error as { code?: string }).code ?? String(error) }));
}
