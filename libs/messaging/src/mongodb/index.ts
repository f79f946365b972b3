export { messagingCollections, STREAM_VERSIONS } from './collections.js';
export { mongoStore, type MongoStoreOptions } from './mongo-store.js';
export * from './mongo-committer.js';
export * from './mongo-dead-letters.js';
export { MongoOutbox } from './mongo-outbox.js';
export { AGAIN, LATER, type MongoDecision, type MongoInput, type MongoWorkAdapter } from './work-adapter.js';
