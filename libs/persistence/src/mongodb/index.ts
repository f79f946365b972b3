export type { MongoCollectionSpec } from './collection-spec.js';
export { type MongoCollection, MongoDatabase, type MongoFilter } from './mongo-database.js';
export type { MongoModel, MongoModelSpec } from './mongo-model.js';
export { isDuplicateKey, refusedWrites } from './mongo-errors.js';
