import { Logger } from '@nestjs/common';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { startTestServer } from '@seam/persistence/testing';
import { eventually } from '@seam/testing';
import { countingDatabase } from '../testing/counting-database.js';
import { MessagingRig, note, outgoing } from '../testing/messaging-rig.js';
import { deadRelay, textsOf } from '../testing/notes.js';
import { cancelling, type Work, work, type WorkKind } from '../work.js';

/** A change of a row without reading it first: its statement itself waits for the row. */
const CountKind: WorkKind<string, undefined> = { name: 'count' };
const count = (text: string) =>
  work(CountKind, text, () => ({ value: undefined, messages: [outgoing(text, { key: 'k' })] }));

let server: EmbeddedPostgres;
let rig: MessagingRig;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestServer();
  rig = await MessagingRig.open(server, 'ordered');
  await rig.database.query('create table counter (n integer not null); insert into counter values (0)');
});
afterAll(async () => {
  await rig.close();
  await server.stop();
});
beforeEach(() => rig.clear());

/**
 * Commits a work while another transaction has changed the same row: it waits for that. `insert` is what the other one writes
 * to an outbox before it commits.
 */
async function behind(insert: string, second: Work<undefined>): Promise<void> {
  const committer = rig.committer({ relay: deadRelay });
  committer.register(CountKind, {
    plan: (inputs) =>
      Promise.resolve({
        results: inputs.map(() => undefined),
        writes: [
          {
            sql: (parameter) =>
              `update counter set n = n + 1 from json_to_recordset(${parameter}) as r(text text) where r.text <> ''`,
            rows: inputs.map((text) => ({ text })),
            looksUp: true,
          },
        ],
      }),
  });
  const first = await rig.database.pool.connect();
  await first.query('begin');
  await first.query('update counter set n = n + 1');
  const committed = committer.commit(second);
  await eventually(async () => {
    const waiting = await rig.database.query(`select 1 from pg_stat_activity where wait_event_type = 'Lock'`);
    expect(waiting).not.toEqual([]);
  });
  await first.query(insert);
  await first.query('commit');
  first.release();
  await committed;
}

const FIRST = `{"id":"0190a6a0-0000-7000-8000-000000000000","type":"test.noted.v1","kind":"event",
  "source":"test","correlationId":"c","at":"2026-01-01T00:00:00.000Z","data":{"text":"first"}}`;

it('orders two commits that wait for the same row by which of them got it first', async () => {
  await behind(
    `insert into outbox_ordered (id, key, message) values (gen_random_uuid(), 'k', '${FIRST}')`,
    count('second'),
  );
  const claimed = await rig.outbox.ordered.claim(10);
  expect(claimed.flatMap(({ messages }) => textsOf(messages))).toEqual(['first', 'second']);
});

it('cancels a delayed message of a commit that it has waited for', async () => {
  await behind(
    `insert into outbox (id, messages, not_before, cancel_key) values (gen_random_uuid(), '[${FIRST}]', now(), 'c')`,
    cancelling(count('second'), ['c']),
  );
  expect(await rig.outbox.claim(10)).toEqual([]);
});

it('costs one more statement and a transaction per batch, and nothing for a batch without such messages', async () => {
  const { database, statements } = countingDatabase(rig.database);
  const committer = rig.committer({ database, relay: deadRelay });
  await committer.commit(note('a'));
  expect(statements).toEqual([expect.stringMatching(/^seam_commit_/)]);
  statements.length = 0;
  await Promise.all(['b', 'c'].map((text) => committer.commit(note(text, [outgoing(text, { key: text })]))));
  expect(statements).toEqual([
    expect.stringMatching(/begin/i),
    expect.stringMatching(/^seam_commit_/),
    expect.stringMatching(/^seam_commit_/),
    'commit',
  ]);
});
