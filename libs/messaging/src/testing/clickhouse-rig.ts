import { newId } from '@seam/kernel';
import { ClickHouseDatabase } from '@seam/persistence/clickhouse';
import { ClickHouseCommitter } from '../clickhouse/clickhouse-committer.js';
import { ClickHouseDeadLetters } from '../clickhouse/clickhouse-dead-letters.js';
import { noOutbox } from '../clickhouse/no-outbox.js';
import { clickHouseMessagingTables } from '../clickhouse/tables.js';
import type { AfterCommit } from '../committer.js';
import { FakePublisher, NoteKind } from './notes.js';
import type { StoreRig } from './store-rig.js';

const NOTES = `create table if not exists note (text String, message_id UUID, handler String)
  engine = ReplacingMergeTree order by (text, message_id, handler)`;

/** One service's ClickHouse database. */
export class ClickHouseRig implements StoreRig {
  readonly outbox = noOutbox;
  readonly publisher = new FakePublisher();
  readonly deadLetters: ClickHouseDeadLetters;

  private constructor(private readonly database: ClickHouseDatabase) {
    this.deadLetters = new ClickHouseDeadLetters(database, this.publisher);
  }

  static async open(url: string): Promise<ClickHouseRig> {
    const tables = [...clickHouseMessagingTables, NOTES];
    const own = `${url}/test_${newId().replaceAll('-', '')}`;
    const silent = (): undefined => undefined;
    return new ClickHouseRig(
      await ClickHouseDatabase.open({ url: own, service: 'test', tables, waitMs: 10_000, log: silent }),
    );
  }

  committer(options: { relay: AfterCommit; batchLimit?: number }): ClickHouseCommitter {
    const committer = new ClickHouseCommitter({ service: 'test', database: this.database, ...options });
    committer.register(NoteKind, {
      table: 'note',
      row: (text) => {
        if (text.startsWith('no:')) throw new Error(text);
        return { text };
      },
    });
    return committer;
  }

  async notes(): Promise<string[]> {
    const rows = await this.database.query<{ text: string }>('select text from note final');
    return rows.map(({ text }) => text);
  }

  outboxTexts(): Promise<string[]> {
    return Promise.resolve([]);
  }

  putInOutbox(): Promise<void> {
    return Promise.reject(new Error('there is no outbox'));
  }

  endLeases(): Promise<void> {
    return Promise.resolve();
  }

  async clear(): Promise<void> {
    for (const table of ['note', 'dead_letter', 'dead_letter_action'])
      await this.database.query(`truncate table ${table}`);
    this.publisher.published.length = 0;
    this.publisher.answer = () => Promise.resolve();
  }

  close(): Promise<void> {
    return this.database.close();
  }
}
