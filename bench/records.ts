import { newId } from '@seam/kernel';
import { type AfterCommit, work, type Work, type WorkKind } from '@seam/messaging';
import { messagingMigrations, PostgresCommitter, transactionWork, type WorkAdapter } from '@seam/messaging/postgres';
import { Database, type MigrationClass } from '@seam/persistence/postgres';
import { Column, Entity, PrimaryColumn, type QueryRunner } from 'typeorm';
import { counting, cpuMs, MS_PER_TICK, postmasterOf, serverTicks } from './cost.js';
import { load, print } from './measure.js';

const ROWS = 1_000;
const noRelay: AfterCommit = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };

interface Row {
  readonly id: string;
  readonly name: string;
  readonly amount: string;
}

@Entity({ name: 'record' })
class RecordEntity implements Row {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  name!: string;

  @Column('bigint')
  amount!: string;
}

class Records1700000000000 {
  async up(db: QueryRunner): Promise<void> {
    await db.query('create table record (id text primary key, name text not null, amount bigint not null)');
    await db.query(`insert into record select 'r' || n, 'name', n from generate_series(0, ${ROWS - 1}) n`);
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}

const idOf = (index: number): string => `r${index % ROWS}`;
const recordChanged = (id: string) =>
  [{ type: 'bench.record-changed.v1', kind: 'event', correlationId: newId(), data: { id } }] as const;

/** Reads under a lock and writes with its own statements. */
const PlainKind: WorkKind<string, string> = { name: 'plain' };
const plainAdapter: WorkAdapter<string, string> = {
  async plan(ids, batch) {
    const client = await batch.transaction();
    for (const id of ids) {
      const { rows } = await client.query<Row>('select id, name, amount from record where id = $1 for update', [id]);
      await batch.started;
      await client.query('update record set amount = $2 where id = $1', [id, Number(rows[0]?.amount) + 1]);
    }
    return { results: ids, writes: [] };
  },
};
const plainChange = (id: string): Work<string> =>
  work(PlainKind, id, (value) => ({ value, messages: recordChanged(value) }));

const change = (id: string): Work<string> =>
  transactionWork(async (entities) => {
    const records = entities.getRepository(RecordEntity);
    const found = await records.findOneOrFail({ where: { id }, lock: { mode: 'pessimistic_write' } });
    await records.update({ id }, { amount: String(Number(found.amount) + 1) });
    return { value: id, messages: [...recordChanged(id)] };
  });

/**
 * The cost of a plain record with TypeORM's repositories and with plain statements, one at a time: processor time of
 * this process and of PostgreSQL, and the total time.
 */
export async function benchRecords(count: number, rounds: number): Promise<void> {
  await counting(async (shop, client) => {
    const postmaster = await postmasterOf(client);
    const migrations: MigrationClass[] = [...messagingMigrations, Records1700000000000];
    const url = await shop.databaseUrl('records');
    const database = await Database.open({ name: 'records', url, migrations, entities: [RecordEntity] });
    const committer = new PostgresCommitter({ service: 'records', database, relay: noRelay });
    committer.register(PlainKind, plainAdapter);
    const select = 'select id, name, amount from record where id = $1';
    const ways: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
      'read, prepared statement': (id) => database.prepared('record_find', select, [id]),
      'read, repository': (id) => database.read((entities) => entities.findOneBy(RecordEntity, { id })),
      'change, statements': (id) => committer.commit(plainChange(id)),
      'change, repository': (id) => committer.commit(change(id)),
    };
    for (let round = 0; round <= rounds; round += 1)
      for (const [name, way] of Object.entries(ways)) {
        const node = process.cpuUsage();
        const ticks = serverTicks(postmaster);
        const { p50 } = await load(count, 1, (index) => way(idOf(index)));
        const nodeMs = cpuMs(process.cpuUsage(node)) / count;
        const serverMs = ((serverTicks(postmaster) - ticks) * MS_PER_TICK) / count;
        if (round > 0)
          print(
            `  ${name.padEnd(26)} Node ${nodeMs.toFixed(3)} ms, PostgreSQL ${serverMs.toFixed(3)} ms, p50 ${p50.toFixed(2)} ms`,
          );
      }
    await database.close();
  });
}
