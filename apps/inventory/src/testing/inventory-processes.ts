import type { AfterCommit } from '@seam/messaging';
import { messagingMigrations, PostgresCommitter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase } from '@seam/persistence/testing';
import { PostgresStock } from '../adapters/postgres-stock.js';
import { ExpiredReservations1760200000000 } from '../migrations/1760200000000-expired-reservations.js';
import { Corrections1764150000000 } from '../migrations/1764150000000-corrections.js';
import { Stock1760100000000 } from '../migrations/1760100000000-stock.js';
import type { StockProcess } from '../ports/stock-suite/driver.js';

const noRelay: AfterCommit = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };

/** Two processes of the service with a new database, and that database. */
export interface InventoryProcesses {
  readonly processes: readonly [StockProcess, StockProcess];
  readonly database: Database;
  close(): Promise<void>;
}

/** `batchLimit` is the most changes in one commit of each. */
export async function inventoryProcesses(server: EmbeddedPostgres, batchLimit?: number): Promise<InventoryProcesses> {
  const url = await createTestDatabase(server, 'inventory');
  const migrations = [
    ...messagingMigrations,
    Stock1760100000000,
    ExpiredReservations1760200000000,
    Corrections1764150000000,
  ];
  const databases = [
    await Database.open({ name: 'inventory', url, migrations }),
    await Database.open({ name: 'inventory', url, migrations }),
  ] as const;
  const over = (database: Database): StockProcess => {
    const limits = batchLimit === undefined ? {} : { batchLimit };
    const committer = new PostgresCommitter({ service: 'inventory', database, relay: noRelay, ...limits });
    return { committer, stock: new PostgresStock(committer, database) };
  };
  return {
    processes: [over(databases[0]), over(databases[1])],
    database: databases[1],
    close: async () => {
      await Promise.all(databases.map((database) => database.close()));
    },
  };
}
