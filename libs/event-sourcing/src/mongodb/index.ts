export { eventCollections } from './collections.js';
export * from './mongo-event-store.js';
export * from './mongo-event-work-adapter.js';
export * from './mongo-events.js';
export * from './mongo-projector.js';
export * from './mongo-rebuilds.js';
export * from './mongo-set-asides.js';
export { MongoView } from './mongo-view.js';
