import { idFloor, isId, type Message } from '@seam/kernel';
import type { Pool } from 'pg';
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

  override async actions(limit: number, before?: string): Promise<DeadLetterAction[]> {
    const { rows } = await this.pool.query<Omit<DeadLetterAction, 'replacedBy'> & { replacedBy: string | null }>(
      `select id, action, by, why, at, message_id as "messageId", type, handlers, replaced_by as "replacedBy"
       from dead_letter_action where $2::uuid is null or id < $2 order by id desc limit $1`,
      [limit, before],
    );
    return rows.map(({ replacedBy, ...action }) => ({ ...action, ...(replacedBy === null ? {} : { replacedBy }) }));
  }

  override async expire(before: Date, limit: number): Promise<{ letters: number; actions: number }> {
    const letters = await this.pool.query(
      `delete from dead_letter where (message_id, handler) in
         (select message_id, handler from dead_letter where died_at < $1 limit $2)`,
      [before, limit],
    );
    const actions = await this.pool.query(
      `delete from dead_letter_action where id in
         (select id from dead_letter_action where id < $1 order by id limit $2)`,
      [idFloor(before), limit],
    );
    return { letters: letters.rowCount ?? 0, actions: actions.rowCount ?? 0 };
  }

  /**
   * One statement. A letter that was stored a moment ago may still be in the outbox, about to be deleted there: then it is
   * refused.
   */
  protected override async settle({ action, replacement }: Settlement): Promise<Settled> {
    const { messageId, action: what } = action;
    try {
      const { rows } = await this.pool.query<{ settled: number; known: boolean }>(settling(what), [
        ...[messageId, action.id, what, action.by, action.why, action.at, action.type, action.handlers],
        ...(replacement === undefined ? [] : [replacement.id, JSON.stringify(replacement)]),
      ]);
      const [{ settled, known } = { settled: 0, known: false }] = rows;
      if (settled > 0) return 'done';
      return known ? 'under-way' : 'gone';
    } catch (error) {
      // An edited message's mark exists already; a redriven one was put into the outbox by another operator meanwhile.
      if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
      return what === 'edited' ? 'handled' : 'under-way';
    }
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

const UNIQUE_VIOLATION = '23505';

const MARKING = 'marks as (insert into inbox (message_id, handler) select message_id, handler from dead';
const SENDING = 'sent as (insert into outbox (id, messages, not_before)';

/** The parts of the statement in which actions differ. */
const EFFECTS: Readonly<Record<DeadLetterAction['action'], string>> = {
  redriven: `${SENDING} select distinct on (message_id) message_id, json_build_array(message), now() from dead)`,
  edited: `${MARKING}),
    ${SENDING} select $9::uuid, json_build_array($10::json), now() from dead limit 1)`,
  discarded: `${MARKING} on conflict do nothing)`,
};

const settling = (action: DeadLetterAction['action']): string =>
  `with dead as (
     delete from dead_letter where message_id = $1 and not exists (select 1 from outbox where id = $1)
     returning message_id, handler, message),
   ${EFFECTS[action]},
   recorded as (
     insert into dead_letter_action (id, message_id, action, by, why, at, type, handlers, replaced_by)
     select $2, $1, $3, $4, $5, $6, $7, $8::text[], ${action === 'edited' ? '$9::uuid' : 'null::uuid'} from dead limit 1)
   select (select count(*)::int from dead) as settled,
          exists (select 1 from dead_letter where message_id = $1) as known`;

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
