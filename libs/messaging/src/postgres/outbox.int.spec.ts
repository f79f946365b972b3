import { newId } from '@seam/kernel';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { Database } from '@seam/persistence/postgres';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import type { OutboxEntry } from '../outbox.js';
import { MessagingRig, note, outgoing } from '../testing/messaging-rig.js';
import { deadRelay, textsOf } from '../testing/notes.js';
import { describeOutbox } from '../testing/outbox.suite.js';
import { messagingMigrations } from './migrations.js';
import { PostgresOutbox } from './outbox.js';
import { MessagingTables1760000000000 } from './tables.js';

let server: EmbeddedPostgres;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describeOutbox('PostgreSQL', () => MessagingRig.open(server, 'outbox'));
describeOutbox('PostgreSQL, compressed', () => MessagingRig.open(server, 'outbox-packed', 0));

const textsIn = (entries: readonly OutboxEntry[]): string[] => entries.flatMap(({ messages }) => textsOf(messages));
/** The statement with which the version before `outbox_packed` claims abandoned entries. */
const CLAIM_BEFORE = `update outbox set leased_until = now() + interval '30 s'
  where id in (select id from outbox
    where not_before is null and (leased_until <= now() or (leased_until is null and id < $1))
    order by id limit 100 for update skip locked)
  returning id, messages`;
const ANY = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

describe('compressed storage', () => {
  let rig: MessagingRig;
  beforeAll(async () => {
    rig = await MessagingRig.open(server, 'packed');
  });
  beforeEach(() => rig.clear());
  afterAll(() => rig.close());

  const count = async (table: string): Promise<number> =>
    (await rig.database.query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n ?? -1;
  const commit = (text: string, messages = [outgoing(text)]): Promise<string> =>
    rig.committer({ relay: deadRelay }).commit(note(text, messages));
  const large = (text: string): Promise<string> =>
    commit(
      text,
      Array.from({ length: 20 }, () => outgoing(text)),
    );

  it('is used for a large commit, in a tenth of the bytes, and not for small commits or delayed messages', async () => {
    await large('large');
    expect([await count('outbox'), await count('outbox_packed')]).toEqual([0, 1]);
    await commit('small');
    const notBefore = new Date(Date.now() + 60_000);
    await commit('later', [outgoing('x'.repeat(10_000), { notBefore })]);
    expect([await count('outbox'), await count('outbox_packed')]).toEqual([2, 1]);
    const [row] = await rig.database.query<{ json: number; stored: number }>(
      'select pg_column_size(messages) as stored from outbox_packed',
    );
    expect(row?.stored).toBeLessThan(1_200);
  });

  it('is claimed together with uncompressed entries, oldest first, up to a common limit', async () => {
    for (const text of ['1', '2', '3', '4', '5', '6']) {
      await (Number(text) % 2 === 0 ? large(text) : commit(text));
      // An id of the next millisecond is larger.
      await new Promise((soon) => setTimeout(soon, 2));
    }
    await rig.outbox.adopt();
    expect(new Set(textsIn(await rig.outbox.claim(3)))).toEqual(new Set(['1', '2', '3']));
    expect(new Set(textsIn(await rig.outbox.claim(2)))).toEqual(new Set(['4', '5']));
    expect(new Set(textsIn(await rig.outbox.claim(10)))).toEqual(new Set(['6']));
    expect(await rig.outbox.claim(10)).toEqual([]);
  });

  it('is reported as unreadable, with all of its bytes, if it cannot be unpacked', async () => {
    const id = newId();
    await rig.database.query('insert into outbox_packed values ($1, $2, 7)', [id, Buffer.from('no zstd')]);
    await rig.outbox.adopt();
    expect(await rig.outbox.lag()).toMatchObject({ waiting: 7 });
    const content = JSON.stringify(`\\x${Buffer.from('no zstd').toString('hex')}`);
    expect(await rig.outbox.claim(10)).toMatchObject([{ id, messages: [], unreadable: { content } }]);
  });
});

describe('beside a process of the previous version', () => {
  it('its rows are sent by this version, whenever they were written; it sees no row that it cannot read', async () => {
    const url = await createTestDatabase(server, 'rolling');
    const message = (text: string) => ({
      id: newId(),
      source: 'test',
      at: new Date().toISOString(),
      ...outgoing(text),
    });
    const before = await Database.open({ name: 'test', url, migrations: [MessagingTables1760000000000] });
    const post = (text: string): Promise<unknown> =>
      before.query('insert into outbox (id, messages) values ($1, $2)', [newId(), JSON.stringify([message(text)])]);
    await post('old');

    const after = await Database.open({ name: 'test', url, migrations: [...messagingMigrations] });
    const outbox = new PostgresOutbox(after.pool);
    await post('beside');
    await after.query(`insert into outbox_packed values ($1, 'any', 1)`, [newId()]);
    const soon = new Date(Date.now() + 2);
    while (new Date() <= soon) await new Promise((tick) => setTimeout(tick, 1));
    await outbox.adopt();
    const claimed = await outbox.claim(1);
    expect(textsIn(claimed)).toEqual(['old']);
    await outbox.markDispatched(claimed.map(({ id }) => id));

    const left = await before.query<{ messages: { data: { text: string } }[] }>(CLAIM_BEFORE, [ANY]);
    expect(left.map(({ messages }) => messages.map(({ data }) => data.text))).toEqual([['beside']]);
    // At its start on a store of its own, it ends all leases that it knows of.
    await before.query('update outbox set leased_until = null where leased_until is not null');
    expect(await before.query(CLAIM_BEFORE, [ANY])).toHaveLength(1);
    expect(await outbox.lag()).toMatchObject({ waiting: 2 });
    await before.close();
    await after.close();
  });
});
