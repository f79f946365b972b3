import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { startTestServer } from '@seam/persistence/testing';
import { MessagingRig } from '../testing/messaging-rig.js';
import { describeOutbox } from '../testing/outbox.suite.js';

let server: EmbeddedPostgres;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describeOutbox('PostgreSQL', () => MessagingRig.open(server, 'outbox'));
