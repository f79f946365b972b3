import { newId } from '@seam/kernel';
import type { AfterCommit, Committer, Work } from '@seam/messaging';
import { messagingMigrations, PostgresCommitter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { put, type Put } from '../domain/product.js';
import { published } from '../features/put-product/publish-product.js';
import { Catalogue1760100000000 } from '../migrations/1760100000000-catalogue.js';
import type { Catalogue } from '../ports/catalogue.js';
import { PostgresCatalogue } from './postgres-catalogue.js';
import { ProductEntity } from './product.entity.js';

const noRelay: AfterCommit = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };

interface Process {
  readonly database: Database;
  readonly committer: Committer;
  readonly catalogue: Catalogue;
}

describe('the catalogue in PostgreSQL', () => {
  let server: EmbeddedPostgres;
  let processes: Process[] = [];

  const startProcess = async (url: string): Promise<Process> => {
    const migrations = [...messagingMigrations, Catalogue1760100000000];
    const database = await Database.open({ name: 'products', url, migrations, entities: [ProductEntity] });
    // Stored as JSON, so that SQL can read the messages.
    const asJson = { packedFrom: Infinity };
    const committer = new PostgresCommitter({ service: 'products', database, relay: noRelay, ...asJson });
    return { database, committer, catalogue: new PostgresCatalogue(database) };
  };

  beforeAll(async () => {
    server = await startTestServer();
    const url = await createTestDatabase(server, 'products');
    processes = [await startProcess(url), await startProcess(url)];
  });
  afterAll(async () => {
    await Promise.all(processes.map(({ database }) => database.close()));
    await server.stop();
  });

  it('gives concurrent changes of two processes a revision each, and publishes each once', async () => {
    const change = (i: number): Promise<Put> => {
      const { catalogue, committer } = processes[i % 2]!;
      const content = { name: `No ${i}`, description: '', price: { amount: i, currency: 'EUR' }, active: true };
      return committer.commit(catalogue.change('MUG', (current) => published(put(current, 'MUG', content))));
    };
    const upTo40 = Array.from({ length: 40 }, (_, i) => i);
    const puts = [await change(0), ...(await Promise.all(upTo40.slice(1).map(change)))];
    const revisions = puts.map(({ product }) => product.revision).sort((x, y) => x - y);
    expect(revisions).toEqual(upTo40.map((i) => i + 1));
    const [sent] = await processes[0]!.database.query(
      `select count(distinct message -> 'data' ->> 'revision')::int as revisions, count(*)::int as messages
       from outbox_ordered`,
    );
    expect(sent).toEqual({ revisions: 40, messages: 40 });
    expect(await processes[1]!.catalogue.find('MUG')).toMatchObject({ revision: 40 });
  });

  it('has entities that describe its tables exactly as the migrations have created them', async () => {
    const { upQueries } = await processes[0]!.database.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('changes nothing if the change’s message, or the mark of its cause, cannot be written', async () => {
    const { catalogue, committer, database } = processes[0]!;
    const from = { messageId: newId(), handler: 'test', correlationId: newId() };
    const content = { name: 'Cup', description: '', price: { amount: 2 ** 40, currency: 'EUR' }, active: true };
    const change = (): Work => catalogue.change('CUP', (current) => published(put(current, 'CUP', content)));
    for (const table of ['outbox_ordered', 'inbox']) {
      await database.query(`alter table ${table} add constraint closed check (false) not valid`);
      await expect(committer.handle(change(), from)).rejects.toMatchObject({ code: '23514' });
      expect(await catalogue.find('CUP')).toBeUndefined();
      await database.query(`alter table ${table} drop constraint closed`);
    }
    expect(await committer.handle(change(), from)).toBe('done');
    expect(await committer.handle(change(), from)).toBe('duplicate');
    expect(await catalogue.find('CUP')).toEqual({ sku: 'CUP', revision: 1, ...content });
    const [sent] = await database.query(
      `select count(*)::int as messages from outbox_ordered
       where message -> 'data' ->> 'sku' = 'CUP'`,
    );
    expect(sent).toEqual({ messages: 1 });
  });
});
