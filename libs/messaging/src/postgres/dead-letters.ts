import { CodedError, isId, type Message } from '@seam/kernel';
import type { Pool } from 'pg';
import {
  type DeadLetter,
  type DeadLetterDetail,
  type DeadLetterFilter,
  type DeadLetterGroup,
  type DeadLetterPosition,
  DeadLetters,
  GROUPS_LIMIT,
  type NewDeadLetter,
} from '../dead-letters.js';
import { ATTEMPTS_KEPT, attemptsIn, failureOf } from '../failure.js';

/** Letters of an earlier version that are described at a time. */
const DESCRIBED_AT_ONCE = 500;

const COLUMNS = `message_id as "messageId", handler, type, source, correlation_id as "correlationId", reason, failure,
  attempts, died_at as "diedAt"`;

/** Dead letters in PostgreSQL; one is redriven by moving it into the outbox. */
export class PostgresDeadLetters extends DeadLetters {
  constructor(private readonly pool: Pool) {
    super();
  }

  protected override async write(letter: NewDeadLetter): Promise<void> {
    await this.pool.query(
      `insert into dead_letter
         (message_id, handler, message, reason, attempts, type, source, correlation_id, failure, history)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text[])
       on conflict (message_id, handler) do update
         set reason = excluded.reason, failure = excluded.failure, died_at = now(),
             attempts = dead_letter.attempts + excluded.attempts,
             history = (dead_letter.history || excluded.history)
               [greatest(1, cardinality(dead_letter.history || excluded.history) - ${ATTEMPTS_KEPT - 1}):]`,
      [
        ...[letter.messageId, letter.handler, letter.message, letter.reason, letter.attempts],
        ...[letter.type, letter.source, letter.correlationId, letter.failure, letter.history],
      ],
    );
  }

  override async list(
    limit: number,
    before?: DeadLetterPosition,
    filter: DeadLetterFilter = {},
  ): Promise<DeadLetter[]> {
    await this.#describe();
    const where = new Conditions(filter);
    if (before !== undefined)
      where.add(
        (at, id, handler) =>
          `(date_trunc('milliseconds', died_at), message_id, handler collate "C") < (${at}, ${id}::uuid, ${handler}::text)`,
        before.diedAt,
        before.messageId,
        before.handler,
      );
    const { rows } = await this.pool.query<DeadLetter>(
      `select ${COLUMNS} from dead_letter ${where.sql}
       order by date_trunc('milliseconds', died_at) desc, message_id desc, handler collate "C" desc
       limit ${where.value(limit)}`,
      where.values,
    );
    return rows;
  }

  override async get(messageId: string): Promise<DeadLetterDetail[]> {
    if (!isId(messageId)) return [];
    await this.#describe();
    const { rows } = await this.pool.query<DeadLetter & { message: Message; history: string[] }>(
      `select ${COLUMNS}, message, history from dead_letter where message_id = $1 order by handler collate "C"`,
      [messageId],
    );
    return rows.map((row) => ({ ...row, history: attemptsIn(row.history) }));
  }

  override async groups(filter: DeadLetterFilter = {}): Promise<DeadLetterGroup[]> {
    await this.#describe();
    const where = new Conditions(filter);
    const { rows } = await this.pool.query<DeadLetterGroup>(
      `select type, handler, failure, count(*)::int as count, min(died_at) as oldest, max(died_at) as newest
       from dead_letter ${where.sql} group by type, handler, failure
       order by count(*) desc, max(died_at) desc limit ${GROUPS_LIMIT}`,
      where.values,
    );
    return rows;
  }

  override async count(filter?: DeadLetterFilter): Promise<number> {
    if (filter !== undefined) await this.#describe();
    const where = new Conditions(filter ?? {});
    const text = `select count(*)::int as count from dead_letter ${where.sql}`;
    const { rows } = await this.pool.query<{ count: number }>(text, where.values);
    return rows[0]?.count ?? 0;
  }

  /** A letter that was stored a moment ago may still be in the outbox, about to be deleted there: then redriving is refused. */
  override async redrive(messageId: string): Promise<void> {
    if (isId(messageId)) {
      if ((await this.#move(messageId)).rowCount !== 0) return;
      const { rowCount } = await this.pool.query('select 1 from dead_letter where message_id = $1', [messageId]);
      if (rowCount !== 0)
        throw new CodedError('conflict', 'DEAD_LETTER.UNDER_WAY', `${messageId} is still being sent; try again`);
    }
    throw new CodedError('not-found', 'DEAD_LETTER.NOT_FOUND', `There is no dead letter ${messageId}`);
  }

  #move(messageId: string): Promise<{ rowCount: number | null }> {
    return this.pool.query(
      `with dead as (
         delete from dead_letter where message_id = $1 and not exists (select 1 from outbox where id = $1)
         returning message_id, handler, message)
       insert into outbox (id, messages, not_before)
       select distinct on (message_id) message_id,
              json_build_array(message), now()
       from dead`,
      [messageId],
    );
  }

  /**
   * Fills in the columns of letters that a process of an earlier version stored, also beside this one. The message is parsed
   * here, because PostgreSQL's JSON operators refuse a whole document if its data has one NUL.
   */
  async #describe(): Promise<void> {
    for (;;) {
      const { rows } = await this.pool.query<{ message_id: string; handler: string; message: Message; reason: string }>(
        `select message_id, handler, message, reason from dead_letter where type is null limit ${DESCRIBED_AT_ONCE}`,
      );
      if (rows.length === 0) return;
      const described = rows.map(({ message_id, handler, message: { type, source, correlationId }, reason }) => ({
        ...{ message_id, handler, type, source },
        ...{ correlation_id: correlationId, failure: failureOf(reason) },
      }));
      await this.pool.query(
        `update dead_letter d
         set type = r.type, source = r.source, correlation_id = r.correlation_id, failure = r.failure
         from json_to_recordset($1) as r(message_id uuid, handler text, type text, source text,
                                         correlation_id text, failure text)
         where d.message_id = r.message_id and d.handler = r.handler and d.type is null`,
        [JSON.stringify(described)],
      );
    }
  }
}

/** A `where` clause with its parameters. */
class Conditions {
  readonly values: unknown[] = [];
  readonly #all: string[] = [];

  constructor({ type, handler, failure, reason, from, to }: DeadLetterFilter) {
    if (type !== undefined) this.add((value) => `type = ${value}`, type);
    if (handler !== undefined) this.add((value) => `handler = ${value}`, handler);
    if (failure !== undefined) this.add((value) => `failure = ${value}`, failure);
    if (reason !== undefined) this.add((value) => `position(${value} in reason) > 0`, reason);
    if (from !== undefined) this.add((value) => `died_at >= ${value}`, from);
    if (to !== undefined) this.add((value) => `died_at < ${value}`, to);
  }

  add(condition: (...parameters: string[]) => string, ...values: unknown[]): void {
    this.#all.push(condition(...values.map((value) => this.value(value))));
  }

  /** Adds a value; its parameter. */
  value(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  get sql(): string {
    return this.#all.length === 0 ? '' : `where ${this.#all.join(' and ')}`;
  }
}
