import type { EmbeddedPostgres } from '@seam/persistence';
import { startTestServer } from '../../../persistence/src/testing/index.js';
import { MessagingRig } from '../testing/messaging-rig.js';
import { describeOutbox } from '../testing/outbox.suite.js';

let server: EmbeddedPostgres;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describeOutbox('PostgreSQL', () => MessagingRig.open(server, 'outbox'));
