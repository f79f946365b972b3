export * from './clickhouse-committer.js';
export { clickHouseStore } from './clickhouse-store.js';
