// A process of its own that starts a server in the directory it is given, says so, and runs until it is killed.
import { startEmbeddedPostgres } from '../embedded/start.js';

try {
  const server = await startEmbeddedPostgres({ directory: process.argv[2] ?? '' });
  console.log(JSON.stringify({ url: server.url('postgres') }));
  setInterval(() => undefined, 60_000);
} catch (error) {
  console.log(JSON.stringify({ error: (error as { code?: string }).code, message: (error as Error).message }));
}
