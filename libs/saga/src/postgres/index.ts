export { sagaMigrations } from './saga-migrations.js';
export * from './postgres-saga-finder.js';
export * from './postgres-sagas.js';
export { sagaList } from './saga-list.js';
export * from './saga-list-tables.js';
export * from './tables.js';
