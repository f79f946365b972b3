import type { AfterCommit } from '@seam/messaging';
import { ClickHouseCommitter } from '@seam/messaging/clickhouse';
import { ClickHouseDatabase } from '@seam/persistence/clickhouse';
import { engine } from '@seam/testing/engines';
import { randomUUID } from 'node:crypto';
import { salesTables } from '../migrations/clickhouse-sales.js';
import { describeSales } from '../ports/sales.suite.js';
import type { SalesProcess } from '../ports/sales-suite/driver.js';
import { ClickHouseSales } from './clickhouse-sales.js';

const server = engine('clickhouse');
const noRelay: AfterCommit = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };

(server ? describe : describe.skip)('ClickHouseSales', () => {
  let open: ClickHouseDatabase[] = [];

  const startProcess = async (name: string): Promise<SalesProcess> => {
    const url = `${server!.url}/${name}`;
    const options = { url, service: 'analytics', tables: salesTables, waitMs: 10_000, log: () => undefined };
    const database = await ClickHouseDatabase.open(options);
    open.push(database);
    const committer = new ClickHouseCommitter({ service: 'analytics', database, relay: noRelay });
    return { committer, sales: new ClickHouseSales(committer, database) };
  };

  afterEach(async () => {
    for (const database of open) await database.close();
    open = [];
  });

  describeSales('ClickHouse', () => {
    const name = `test_${randomUUID().slice(0, 8)}`;
    return Promise.all([startProcess(name), startProcess(name)]);
  });
});
