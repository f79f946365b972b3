import { Logger } from '@nestjs/common';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { describeSettingAside } from '../testing/set-asides.suite.js';
import { TallyTables1760000098000, tallyView } from '../testing/tally.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { PostgresSetAsides } from './postgres-set-asides.js';
import { Projector } from './projector.js';
import { eventMigrations } from './event-migrations.js';

const migrations = [...eventMigrations, TallyTables1760000098000];
let server: EmbeddedPostgres;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestServer();
});
afterAll(() => server.stop());

describeSettingAside('PostgreSQL', async () => {
  const own = await Database.open({ name: 'test', url: await createTestDatabase(server, 'set_aside'), migrations });
  const ownStore = new PostgresEventStore(own.pool);
  return {
    store: ownStore,
    asides: new PostgresSetAsides(own.pool),
    readModel: 'tally-view',
    projector: (aggregate) => new Projector(own, tallyView(aggregate), { batch: 3, everyMs: 5, asideEveryMs: 5 }),
    rows: async () =>
      (await own.query<{ sum: number }>('select sum from tally_view order by id')).map(({ sum }) => sum),
    close: () => own.close(),
  };
});
