import { type Database, withPooled } from '@seam/persistence/postgres';
import type { ChargeRequest } from '../../ports/payment-provider.js';

/** A charge as recorded in the ledger. */
export interface Entry {
  readonly key: string;
  /** Why the charge was declined; null: it was captured. */
  readonly declined: string | null;
  readonly refunded: boolean;
  /** Minor units refunded so far, while the rest is not refunded. */
  readonly partlyRefunded: number;
  readonly chargedBack: boolean;
}

interface Waiting {
  readonly request: ChargeRequest;
  readonly declined: string | null;
  readonly resolve: (entry: Entry) => void;
  readonly reject: (error: unknown) => void;
}

const LIMIT = 500;
const READ = `key, declined, refunded_at is not null as refunded, partly_refunded::float8 as "partlyRefunded",
  charged_back as "chargedBack"`;

/**
 * The fake provider's ledger. It is committed separately, outside our transactions. Charges that arrive while others are
 * being written wait, and are then written together.
 */
export class Ledger {
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(private readonly database: Database) {}

  /** Records a charge unless its key exists; resolves, once it is durable, to the ledger's entry for the key. */
  enter(request: ChargeRequest, declined: string | null): Promise<Entry> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, declined, resolve, reject });
      if (this.#writing) return;
      this.#writing = true;
      setImmediate(() => void this.#write());
    });
  }

  async find(key: string): Promise<Entry | undefined> {
    const text = `select ${READ} from fake_provider.charge where key = $1`;
    return (await this.database.prepared<Entry>('fake_provider_find', text, [key]))[0];
  }

  /** Refunds a captured charge, once; resolves to whether there is such a charge. */
  async refund(chargeKey: string, refundKey: string): Promise<boolean> {
    const given = await this.database.query(
      `update fake_provider.charge set refunds = refunds + 1, refund_key = $2, refunded_at = now()
       where key = $1 and declined is null and refunded_at is null returning key`,
      [chargeKey, refundKey],
    );
    if (given.length > 0) return true;
    return (await this.find(chargeKey))?.refunded === true;
  }

  /** Refunds part of a captured charge. */
  async refundPart(chargeKey: string, amount: number): Promise<void> {
    await this.database.query(
      `update fake_provider.charge set partly_refunded = partly_refunded + $2
       where key = $1 and declined is null and refunded_at is null`,
      [chargeKey, amount],
    );
  }

  /** Records a chargeback of a captured charge, or that the chargeback was disputed and won. */
  async chargeBack(chargeKey: string, isBack: boolean): Promise<void> {
    await this.database.query(
      'update fake_provider.charge set charged_back = $2 where key = $1 and declined is null and refunded_at is null',
      [chargeKey, isBack],
    );
  }

  /** Counts one failure of this key, up to `most`; resolves to whether this call is to fail. */
  async fails(key: string, most: number): Promise<boolean> {
    const counted = await this.database.query(
      `insert into fake_provider.failure (key, failures) values ($1, 1)
       on conflict (key) do update set failures = failure.failures + 1 where failure.failures < $2 returning key`,
      [key, most],
    );
    return counted.length > 0;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, LIMIT);
      try {
        const entries = await this.#insert(batch);
        for (const waiting of batch) {
          const entry = entries.get(waiting.request.key);
          // Another process wrote it at the same moment: the next round sees it.
          if (entry === undefined) this.#waiting.push(waiting);
          else waiting.resolve(entry);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = false;
  }

  async #insert(batch: readonly Waiting[]): Promise<Map<string, Entry>> {
    const rows = batch.map(({ request: { key, orderId, amount, token }, declined }) => ({
      key,
      order_id: orderId,
      ...amount,
      token_kind: kindOf(token),
      declined,
      charged: declined === null ? 1 : 0,
    }));
    const entries = await this.#commitBehind(JSON.stringify(rows));
    return new Map(entries.map((entry) => [entry.key, entry]));
  }

  /**
   * Does not wait for the disk: the payment is written to the same log later, so a crash of the server that loses the
   * charge loses the payment, too. A crash of our process loses neither.
   */
  #commitBehind(rows: string): Promise<Entry[]> {
    return withPooled(this.database.pool, async (client) => {
      const [, , entered] = await Promise.all([
        client.query('begin'),
        client.query('set local synchronous_commit = off'),
        client.query<Entry>({ name: 'fake_provider_enter', text: ENTER, values: [rows] }),
        client.query('commit'),
      ]);
      return entered.rows;
    });
  }
}

const COLUMNS = 'key, order_id, amount, currency, token_kind, declined, charged';
const ENTER = `
  with given as (
    select * from json_to_recordset($1::json) as r(
      key text, order_id text, amount bigint, currency text, token_kind text, declined text, charged integer)
  ), entered as (
    insert into fake_provider.charge (${COLUMNS}) select ${COLUMNS} from given
    on conflict (key) do nothing returning ${READ}
  )
  select * from entered
  union all
  select ${READ} from fake_provider.charge where key in (select key from given)`;

/** Real tokens are secret, the known test tokens are not: every other token is recorded as `other`. */
const kindOf = (token: string): string => (/^tok_[a-z]{1,20}$/.test(token) ? token : 'other');
