export { createTestDatabase, startTestServer } from './test-server.js';
