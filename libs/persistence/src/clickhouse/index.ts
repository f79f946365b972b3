export { ClickHouseDatabase } from './clickhouse-database.js';
