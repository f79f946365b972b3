export { everythingIn } from './everything-in.js';
export { TcpProxy } from './tcp-proxy.js';
export { emptyCollections, openTestMongo } from './test-mongo.js';
export { createTestDatabase, startTestServer } from './test-server.js';
