import type { Message } from '@seam/kernel';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { Database } from '@seam/persistence/postgres';
import { EntitySchema } from 'typeorm';
import { createTestDatabase } from '@seam/persistence/testing';
import type { AfterCommit } from '../committer.js';
import { isConflict } from '../errors.js';
import type { BatchDatabase } from '../postgres/batch-transaction.js';
import { PostgresDeadLetters } from '../postgres/dead-letters.js';
import { translateConflict } from '../postgres/errors.js';
import { PostgresOutbox } from '../postgres/outbox.js';
import { packed, unpacked } from '../postgres/packed.js';
import { PostgresCommitter } from '../postgres/postgres-committer.js';
import { messagingMigrations } from '../postgres/migrations.js';
import { transactionWork, type WorkAdapter } from '../postgres/work-adapter.js';
import type { Publisher } from '../publisher.js';
import { Relay } from '../relay.js';
import { Rejected, type Work } from '../work.js';
import { FakePublisher, NoteKind, outgoing, textsOf } from './notes.js';
import type { StoreRig } from './store-rig.js';

export { cause, FakePublisher, note, outgoing } from './notes.js';

class NoteTables1760000099000 {
  async up(db: { query(sql: string): Promise<unknown> }): Promise<void> {
    await db.query('create table note (id bigint generated always as identity, text text not null unique)');
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}

/** The TypeORM entity of a note. */
export const NoteEntity = new EntitySchema<{ id: string; text: string }>({
  name: 'note',
  columns: {
    id: { type: 'bigint', primary: true, generated: 'increment' },
    text: { type: 'text', unique: true },
  },
});

/** Writes notes as one fragment, without locks. */
export const noteAdapter: WorkAdapter<string, string> = {
  plan: (texts) =>
    Promise.resolve({
      results: texts.map((text) => (text.startsWith('no:') ? new Rejected(new Error(text)) : text)),
      writes: [
        {
          sql: (parameter) =>
            `insert into note (text) select text from json_to_recordset(${parameter}) as r(text text)`,
          rows: texts.filter((text) => !text.startsWith('no:')).map((text) => ({ text })),
        },
      ],
    }),
};

/**
 * Writes a note and sends a message about it, with statements in a transaction; `then` runs after the note was written.
 */
export const noteInTransaction = (
  text: string,
  then: (db: { query(text: string): Promise<unknown> }) => unknown = () => undefined,
): Work<string> =>
  transactionWork(async (db) => {
    await db.query('insert into note (text) values ($1)', [text]);
    await then(db);
    return { value: text, messages: [outgoing(text)] };
  });

/** One service's database with its outbox, relay and committer, and a publisher that sends nowhere. */
export class MessagingRig implements StoreRig {
  readonly publisher = new FakePublisher();
  readonly outbox: PostgresOutbox;
  readonly deadLetters: PostgresDeadLetters;
  /** Not started: it sends what it is given, but does not sweep. */
  relay: Relay;

  private constructor(
    readonly database: Database,
    private readonly packedFrom: number | undefined,
  ) {
    this.outbox = new PostgresOutbox(database.pool);
    this.deadLetters = new PostgresDeadLetters(database.pool);
    this.relay = this.anotherRelay(this.publisher);
  }

  /** @param packedFrom minimum length, in characters, from which its commits' messages are stored compressed */
  static async open(server: EmbeddedPostgres, name: string, packedFrom?: number): Promise<MessagingRig> {
    const url = await createTestDatabase(server, name);
    const migrations = [...messagingMigrations, NoteTables1760000099000];
    const database = await Database.open({ name: 'test', url, migrations, entities: [NoteEntity] });
    return new MessagingRig(database, packedFrom);
  }

  /** A committer like that of a separate process. */
  committer(options: { relay?: AfterCommit; database?: BatchDatabase; batchLimit?: number } = {}): PostgresCommitter {
    const committer = new PostgresCommitter({
      service: 'test',
      database: this.database,
      relay: this.relay,
      packedFrom: this.packedFrom,
      ...options,
    });
    committer.register(NoteKind, noteAdapter);
    return committer;
  }

  anotherRelay(publisher: Publisher, sweepEveryMs = 10): Relay {
    const { outbox, deadLetters } = this;
    return new Relay({ service: 'test', outbox, publisher, deadLetters, sweepEveryMs });
  }

  async notes(): Promise<string[]> {
    const rows = await this.database.query<{ text: string }>('select text from note order by id');
    return rows.map(({ text }) => text);
  }

  async outboxIds(): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      'select id from outbox union all select id from outbox_packed order by id',
    );
    return rows.map(({ id }) => id);
  }

  /** The texts of all messages that are still to be sent. */
  async outboxTexts(): Promise<string[]> {
    const plain = await this.database.query<{ text: string }>(
      `select message->'data'->>'text' as text from outbox, json_array_elements(messages) message`,
    );
    const compressed = await this.database.query<{ messages: Buffer }>('select messages from outbox_packed');
    const unpackedTexts = compressed.flatMap(({ messages }) => textsOf(unpacked(messages) as Message[]));
    const ordered = await this.database.query<{ text: string }>(
      `select message->'data'->>'text' as text from outbox_ordered`,
    );
    return [...[...plain, ...ordered].map(({ text }) => text), ...unpackedTexts].sort();
  }

  async marks(): Promise<number> {
    const [row] = await this.database.query<{ n: number }>('select count(*)::int as n from inbox');
    return row?.n ?? -1;
  }

  async putInOutbox(id: string, stored: string): Promise<void> {
    if (this.packedFrom === undefined)
      await this.database.query('insert into outbox (id, messages) values ($1, $2)', [id, stored]);
    else await this.database.query('insert into outbox_packed values ($1, $2, 1)', [id, packed(stored)]);
  }

  /** Ends all leases. It updates all rows at once, in any order, so that it can meet a relay in a deadlock: then again. */
  async endLeases(): Promise<void> {
    for (;;) {
      try {
        await this.database.query(
          `with packed as (update outbox_packed set leased_until = now()),
                ordered as (update outbox_ordered set leased_until = now())
           update outbox set not_before = now(), leased_until = null where not_before is null or not_before < now()`,
        );
        return;
      } catch (error) {
        if (!isConflict(translateConflict(error))) throw error;
      }
    }
  }

  /** The state of a first start: nothing stored, and a new relay. */
  async clear(): Promise<void> {
    await this.relay.stop();
    this.relay = this.anotherRelay(this.publisher);
    await this.database.query(
      'truncate note, outbox, outbox_packed, outbox_ordered, inbox, dead_letter, dead_letter_action',
    );
    this.publisher.published.length = 0;
    this.publisher.answer = () => Promise.resolve();
  }

  async close(): Promise<void> {
    await this.relay.stop();
    await this.database.close();
  }
}
