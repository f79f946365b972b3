export * from './dead-letters.js';
export * from './errors.js';
export type { Fragment } from './fragment.js';
export * from './postgres-committer.js';
export { postgresStore, type PostgresStoreOptions } from './postgres-store.js';
export * from './migrations.js';
export * from './work-adapter.js';
