import { Logger } from '@nestjs/common';
import { CodedError, type Message, within } from '@seam/kernel';
import type { ClickHouseDatabase } from '@seam/persistence/clickhouse';
import { outageIn } from '@seam/persistence';
import { asKept, type DeadLetter, type DeadLetterPosition, DeadLetters } from '../dead-letters.js';
import type { Publisher } from '../publisher.js';

/** A dead letter as it is stored; of several rows, the one with the highest version counts. */
interface Row {
  readonly message_id: string;
  readonly handler: string;
  readonly message: string;
  readonly reason: string;
  readonly attempts: number;
  /** ms */
  readonly died_at: number | string;
  readonly version: number | string;
  readonly deleted: number;
}

/** How long a redrive waits for the receiver; a longer one continues in the background. */
const REDRIVE_WITHIN_MS = 1_000;

const COLUMNS =
  'message_id, handler, message, reason, attempts, toUnixTimestamp64Milli(died_at) as died, version, deleted';

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
  override store(...letter: [message: Message, handler: string, reason: string, attempts: number]): Promise<void> {
    const stored = this.#storing.then(() => this.#store(...letter));
    this.#storing = stored.catch(() => undefined);
    return stored;
  }

  override async list(limit: number, before?: DeadLetterPosition): Promise<DeadLetter[]> {
    const { diedAt, messageId, handler } = before ?? { diedAt: new Date(0), messageId: '', handler: '' };
    const rows = await this.#select(
      `final where {all:UInt8} or (died_at, message_id, handler) <
         (fromUnixTimestamp64Milli({at:Int64}, 'UTC'), {id:String}, {handler:String})
       order by died_at desc, message_id desc, handler desc limit {limit:UInt32}`,
      { all: before === undefined ? 1 : 0, at: diedAt.getTime(), id: messageId, handler, limit },
    );
    return rows.map((row) => {
      const { type, source, correlationId } = JSON.parse(row.message) as Message;
      const { message_id, reason, attempts, died_at } = row;
      const letter = { messageId: message_id, handler: row.handler, type, source, correlationId, reason };
      return { ...letter, attempts, diedAt: new Date(Number(died_at)) };
    });
  }

  override async count(): Promise<number> {
    const rows = await this.database.query<{ n: number | string }>('select count() as n from dead_letter final');
    return Number(rows[0]?.n ?? 0);
  }

  override async redrive(messageId: string): Promise<void> {
    if (this.#underWay.has(messageId))
      throw new CodedError('conflict', 'DEAD_LETTER.UNDER_WAY', `${messageId} is still being sent; try again`);
    this.#underWay.add(messageId);
    const ended = (): void => void this.#underWay.delete(messageId);
    const letters = await this.#kept(messageId).catch((error: unknown) => {
      ended();
      throw error;
    });
    const sent = this.#send(letters).finally(ended);
    if (await within(sent, REDRIVE_WITHIN_MS)) return;
    sent.catch((error: unknown) => {
      if (outageIn(error) === undefined) this.#log.warn(`the dead letter ${messageId} is kept: ${String(error)}`);
    });
  }

  async #store(message: Message, handler: string, reason: string, attempts: number): Promise<void> {
    const known = (await this.#latest(message.id)).find((row) => row.handler === handler);
    const now = Date.now();
    await this.#write({
      message_id: message.id,
      handler,
      message: JSON.stringify(asKept(message, handler)),
      reason: storable(reason),
      attempts: (known?.deleted === 0 ? known.attempts : 0) + attempts,
      died_at: now,
      // A higher version than that of a concurrent deletion, which then only deletes the older row.
      version: Math.max(now, Number(known?.version ?? 0) + 2),
      deleted: 0,
    });
  }

  /** One row per handler that gave it up, at least one. */
  async #kept(messageId: string): Promise<readonly [Row, ...Row[]]> {
    const [first, ...others] = (await this.#latest(messageId)).filter(({ deleted }) => deleted === 0);
    if (first === undefined)
      throw new CodedError('not-found', 'DEAD_LETTER.NOT_FOUND', `There is no dead letter ${messageId}`);
    return [first, ...others];
  }

  async #send(letters: readonly [Row, ...Row[]]): Promise<void> {
    await this.publisher.publish(JSON.parse(letters[0].message) as Message);
    for (const row of letters) await this.#write({ ...row, version: Number(row.version) + 1, deleted: 1 });
  }

  /** The latest row of each handler, also if it marks a deletion. */
  #latest(messageId: string): Promise<Row[]> {
    return this.#select('where message_id = {id:String} order by version desc limit 1 by handler', { id: messageId });
  }

  async #select(which: string, parameters: Readonly<Record<string, unknown>>): Promise<Row[]> {
    const text = `select ${COLUMNS} from dead_letter ${which}`;
    const rows = await this.database.query<Omit<Row, 'died_at'> & { died: number | string }>(text, parameters);
    return rows.map(({ died, ...row }) => ({ ...row, died_at: died }));
  }

  #write({ died_at, version, ...row }: Row): Promise<void> {
    const at = new Date(Number(died_at)).toISOString().replace('T', ' ').slice(0, -1);
    return this.database.insert('dead_letter', [{ ...row, died_at: at, version: Number(version) }]);
  }
}

/** As valid UTF-8: an unpaired surrogate would be refused. */
const storable = (reason: string): string => Buffer.from(reason.slice(0, 2_000)).toString();
