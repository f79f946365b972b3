import { CodedError, isId, type Message } from '@seam/kernel';
import type { Pool } from 'pg';
import { asKept, type DeadLetter, type DeadLetterPosition, DeadLetters } from '../dead-letters.js';

/** Dead letters in PostgreSQL; one is redriven by moving it into the outbox. */
export class PostgresDeadLetters extends DeadLetters {
  constructor(private readonly pool: Pool) {
    super();
  }

  override async store(message: Message, handler: string, reason: string, attempts: number): Promise<void> {
    await this.pool.query(
      `insert into dead_letter (message_id, handler, message, reason, attempts) values ($1, $2, $3, $4, $5)
       on conflict (message_id, handler) do update
         set reason = excluded.reason, attempts = dead_letter.attempts + excluded.attempts, died_at = now()`,
      [message.id, handler, JSON.stringify(asKept(message, handler)), storable(reason), attempts],
    );
  }

  override async list(limit: number, before?: DeadLetterPosition): Promise<DeadLetter[]> {
    // The message is parsed here: PostgreSQL's JSON operators refuse a whole document if its data has one NUL.
    const { rows } = await this.pool.query<
      Omit<DeadLetter, 'type' | 'source' | 'correlationId'> & { message: Message }
    >(
      `select message_id as "messageId", handler, message, reason, attempts, died_at as "diedAt"
       from dead_letter
       where $2::timestamptz is null
          or (date_trunc('milliseconds', died_at), message_id, handler collate "C") < ($2, $3::uuid, $4::text)
       order by date_trunc('milliseconds', died_at) desc, message_id desc, handler collate "C" desc limit $1`,
      [limit, before?.diedAt, before?.messageId, before?.handler],
    );
    return rows.map(({ message: { type, source, correlationId }, ...letter }) => ({
      ...letter,
      type,
      source,
      correlationId,
    }));
  }

  override async count(): Promise<number> {
    const { rows } = await this.pool.query<{ count: number }>('select count(*)::int as count from dead_letter');
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
}

/** PostgreSQL's text cannot contain NUL, but a reason may quote one from the message. */
const storable = (reason: string): string => reason.replaceAll('\0', '').slice(0, 2_000);
