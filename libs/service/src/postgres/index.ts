export { postgres, type PostgresServiceOptions } from './postgres-engine.js';
