import { Logger } from '@nestjs/common';
import { derivedId, type Message, within } from '@seam/kernel';
import type { ClickHouseDatabase } from '@seam/persistence/clickhouse';
import { outageIn } from '@seam/persistence';
import {
  type DeadLetter,
  type DeadLetterAction,
  type DeadLetterDetail,
  type DeadLetterFilter,
  type DeadLetterGroup,
  type DeadLetterPosition,
  DeadLetters,
  GROUPS_LIMIT,
  type NewDeadLetter,
  type Settled,
  type Settlement,
} from '../dead-letters.js';
import { ATTEMPTS_KEPT, attemptsIn } from '../failure.js';
import type { Publisher } from '../publisher.js';

/** A dead letter as it is stored; of several rows, the one with the highest version counts. */
interface Row {
  readonly message_id: string;
  readonly handler: string;
  readonly message: string;
  readonly reason: string;
  readonly attempts: number;
  readonly type: string;
  readonly source: string;
  readonly correlation_id: string;
  readonly failure: string;
  readonly history: readonly string[];
  /** ms */
  readonly died_at: number | string;
  readonly version: number | string;
  readonly deleted: number;
}

/** How long a redrive waits for the receiver; a longer one continues in the background. */
const REDRIVE_WITHIN_MS = 1_000;

const LISTED = `message_id, handler, reason, attempts, type, source, correlation_id, failure,
  toUnixTimestamp64Milli(died_at) as died, version, deleted`;
const COLUMNS = `message, history, ${LISTED}`;

const CONDITIONS: Readonly<Record<keyof DeadLetterFilter, string>> = {
  type: 'type = base64Decode({type:String})',
  handler: 'handler = base64Decode({handler:String})',
  failure: 'failure = base64Decode({failure:String})',
  reason: 'position(reason, base64Decode({reason:String})) > 0',
  from: "died_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')",
  to: "died_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')",
};

/**
 * Dead letters in ClickHouse. There is no outbox to move one into: it is published first, and deleted once the receiver
 * has it, so that a crash in between can at worst send it twice.
 */
export class ClickHouseDeadLetters extends DeadLetters {
  readonly #log = new Logger('DeadLetters');
  readonly #underWay = new Set<string>();
  #storing: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly publisher: Publisher,
  ) {
    super();
  }

  /** One after the other, because each adds to the attempts before. */
  protected override write(letter: NewDeadLetter): Promise<void> {
    const stored = this.#storing.then(() => this.#store(letter));
    this.#storing = stored.catch(() => undefined);
    return stored;
  }

  override async list(
    limit: number,
    before?: DeadLetterPosition,
    filter: DeadLetterFilter = {},
  ): Promise<DeadLetter[]> {
    const { diedAt, messageId, handler } = before ?? { diedAt: new Date(0), messageId: '', handler: '' };
    const { sql, parameters } = conditionsOf(filter);
    const rows = await this.#select<Omit<Row, 'message' | 'history'>>(
      LISTED,
      `final where ${sql} and ({all:UInt8} or (died_at, message_id, handler) <
         (fromUnixTimestamp64Milli({at:Int64}, 'UTC'), {id:String}, {after:String}))
       order by died_at desc, message_id desc, handler desc limit {limit:UInt32}`,
      { ...parameters, all: before === undefined ? 1 : 0, at: diedAt.getTime(), id: messageId, after: handler, limit },
    );
    return rows.map(letterOf);
  }

  override async get(messageId: string): Promise<DeadLetterDetail[]> {
    const rows = (await this.#latest(messageId)).filter(({ deleted }) => deleted === 0);
    return rows
      .sort((a, b) => (a.handler < b.handler ? -1 : 1))
      .map((row) => ({
        ...letterOf(row),
        message: JSON.parse(row.message) as Message,
        history: attemptsIn(row.history),
      }));
  }

  override async groups(filter: DeadLetterFilter = {}): Promise<DeadLetterGroup[]> {
    const { sql, parameters } = conditionsOf(filter);
    const rows = await this.database.query<Record<'n' | 'first' | 'last', number | string> & DeadLetterGroup>(
      `select type, handler, failure, count() as n, toUnixTimestamp64Milli(min(died_at)) as first,
              toUnixTimestamp64Milli(max(died_at)) as last
       from dead_letter final where ${sql} group by type, handler, failure
       order by n desc, last desc limit ${GROUPS_LIMIT}`,
      parameters,
    );
    return rows.map(({ type, handler, failure, n, first, last }) => ({
      ...{ type, handler, failure, count: Number(n) },
      oldest: new Date(Number(first)),
      newest: new Date(Number(last)),
    }));
  }

  override async count(filter: DeadLetterFilter = {}): Promise<number> {
    const { sql, parameters } = conditionsOf(filter);
    const text = `select count() as n from dead_letter final where ${sql}`;
    const rows = await this.database.query<{ n: number | string }>(text, parameters);
    return Number(rows[0]?.n ?? 0);
  }

  override async actions(limit: number, before = ''): Promise<DeadLetterAction[]> {
    const rows = await this.database.query<{ record: string }>(
      `select record from dead_letter_action final where {before:String} = '' or id < {before:String}
       order by id desc limit {limit:UInt32}`,
      { before, limit },
    );
    return rows.map(({ record }) => {
      const action = JSON.parse(record) as DeadLetterAction & { readonly at: string };
      return { ...action, at: new Date(action.at) };
    });
  }

  /** All at once, because a deletion rewrites whole parts of a table, however few rows it has. */
  override async expire(before: Date): Promise<{ letters: number; actions: number }> {
    const letters = await this.#expire('dead_letter', 'died_at', before);
    return { letters, actions: await this.#expire('dead_letter_action', 'at', before) };
  }

  /** Rows of all versions, and those that mark a deletion, too. */
  async #expire(table: string, time: string, before: Date): Promise<number> {
    const old = `where ${time} < fromUnixTimestamp64Milli({before:Int64}, 'UTC')`;
    const parameters = { before: before.getTime() };
    const [row] = await this.database.query<{ n: number | string }>(
      `select count() as n from ${table} ${old}`,
      parameters,
    );
    const count = Number(row?.n ?? 0);
    if (count > 0)
      await this.database.query(`alter table ${table} delete ${old} settings mutations_sync = 1`, parameters);
    return count;
  }

  /** The same for each edit of one letter, because the receiver's rows are those of a message's id. */
  protected override replacementId(messageId: string, diedAt: Date): string {
    return derivedId('edited', messageId, String(diedAt.getTime()));
  }

  protected override async settle(settlement: Settlement): Promise<Settled> {
    const { messageId } = settlement.action;
    if (this.#underWay.has(messageId)) return 'under-way';
    this.#underWay.add(messageId);
    const sent = this.#send(settlement).finally(() => void this.#underWay.delete(messageId));
    if (!(await within(sent, REDRIVE_WITHIN_MS)))
      sent.catch((error: unknown) => {
        if (outageIn(error) === undefined) this.#log.warn(`the dead letter ${messageId} is kept: ${String(error)}`);
      });
    return 'done';
  }

  async #store({ messageId, correlationId, history, attempts, ...letter }: NewDeadLetter): Promise<void> {
    const latest = (await this.#latest(messageId)).find((row) => row.handler === letter.handler);
    const before = latest?.deleted === 0 ? latest : undefined;
    const now = Date.now();
    await this.#write({
      ...letter,
      message_id: messageId,
      correlation_id: correlationId,
      attempts: (before?.attempts ?? 0) + attempts,
      history: [...(before?.history ?? []), ...history].slice(-ATTEMPTS_KEPT),
      died_at: now,
      // A higher version than that of a concurrent deletion, which then only deletes the older row.
      version: Math.max(now, Number(latest?.version ?? 0) + 2),
      deleted: 0,
    });
  }

  /** Publishes first: after a crash before the letters are deleted, they are there to be sent again. */
  async #send({ action, letters, replacement }: Settlement): Promise<void> {
    const { id, at, messageId } = action;
    const rows = (await this.#latest(messageId)).filter(({ deleted }) => deleted === 0);
    if (action.action !== 'discarded') await this.publisher.publish(replacement ?? letters[0].message);
    await this.database.insert('dead_letter_action', [{ id, at: stamp(at.getTime()), record: JSON.stringify(action) }]);
    for (const row of rows) await this.#write({ ...row, version: Number(row.version) + 1, deleted: 1 });
  }

  /** The latest row of each handler, also if it marks a deletion. */
  #latest(messageId: string): Promise<Row[]> {
    const latest = 'where message_id = {id:String} order by version desc limit 1 by handler';
    return this.#select<Row>(COLUMNS, latest, { id: messageId });
  }

  async #select<R extends Pick<Row, 'died_at'>>(
    columns: string,
    which: string,
    parameters: Readonly<Record<string, unknown>>,
  ): Promise<R[]> {
    const text = `select ${columns} from dead_letter ${which}`;
    const rows = await this.database.query<Omit<R, 'died_at'> & { died: number | string }>(text, parameters);
    return rows.map(({ died, ...row }) => ({ ...row, died_at: died }) as unknown as R);
  }

  #write({ died_at, version, ...row }: Row): Promise<void> {
    return this.database.insert('dead_letter', [{ ...row, died_at: stamp(Number(died_at)), version: Number(version) }]);
  }
}

/** A time, in ms, as ClickHouse reads it. */
const stamp = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, -1);

function letterOf(row: Omit<Row, 'message' | 'history'>): DeadLetter {
  const { message_id, correlation_id, died_at, handler, type, source, reason, failure, attempts } = row;
  const letter = { messageId: message_id, handler, type, source, correlationId: correlation_id, reason, failure };
  return { ...letter, attempts, diedAt: new Date(Number(died_at)) };
}

/** A filter as a condition, and its parameters: texts in Base64, because the server takes an escaped backslash as two. */
function conditionsOf(filter: DeadLetterFilter): { sql: string; parameters: Record<string, unknown> } {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const sql = given.map(([name]) => CONDITIONS[name as keyof DeadLetterFilter]).join(' and ');
  const values = given.map(([name, value]): [string, unknown] => [
    name,
    value instanceof Date ? value.getTime() : Buffer.from(String(value)).toString('base64'),
  ]);
  return { sql: sql === '' ? '1' : sql, parameters: Object.fromEntries(values) };
}
