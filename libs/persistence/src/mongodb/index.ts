export { type MongoCollection, type MongoCollectionSpec, MongoDatabase, type MongoFilter } from './mongo-database.js';
export { isDuplicateKey, refusedWrites } from './mongo-errors.js';
