import { ReserveStock } from '@seam/contracts';
import { type DataOf, messageOf } from '@seam/messaging/contract';
import { type Message, newId } from '@seam/kernel';
import { RedisCommitter, RedisKeys, RedisDeadLetters, RedisOutbox } from '@seam/messaging/redis';
import { Relay, work } from '@seam/messaging';
import { openRedis } from '@seam/persistence/redis';
import { Redis } from 'ioredis';
import { createHash } from 'node:crypto';
import { RedisStock } from '../apps/inventory/src/adapters/redis-stock.js';
import { ReserveStockHandler } from '../apps/inventory/src/features/reserve-stock/reserve-stock.handler.js';
import { StockKind } from '../apps/inventory/src/ports/stock.js';
import { compare, load } from './measure.js';

const SKU = 'MUG-BLUE';
const HANDLER = `inventory/${ReserveStock.type}`;
const PIECES = 1_000_000_000;

/**
 * Reservations of one hot SKU as the service makes them (each from a message of its own, with its inbox mark, the
 * order's reservation, and the reply, which is stored in the outbox and deleted again) compared with the maximum of
 * Redis: a script that checks and decrements one key.
 */
export async function benchReservations(url: string, count: number, rounds: number): Promise<void> {
  const ours = await OurReservations.open(url);
  const bare = await BareReservations.open(url);
  for (const inFlight of [32, 128]) {
    await compare({
      title: `Reservations of one hot SKU on Redis, ${inFlight} in flight`,
      mark: 0.5,
      rounds,
      ours: {
        name: 'Seam',
        run: () => {
          const commands = Array.from({ length: count }, command);
          return load(count, inFlight, (index) => ours.reserve(commands[index] ?? command()));
        },
      },
      floor: { name: 'a bare EVALSHA', run: () => load(count, inFlight, () => bare.reserve()) },
    });
  }
  await ours.close();
  await bare.close();
}

/** A message as it is received. */
function command(): Message<DataOf<typeof ReserveStock>> {
  const orderId = newId();
  const data = { orderId, lines: [{ sku: SKU, quantity: 1 }] };
  const asked = messageOf(ReserveStock, orderId, data, { replyTo: { service: 'orders', context: {} } });
  return { id: newId(), source: 'orders', at: new Date().toISOString(), ...asked, data };
}

class OurReservations {
  private readonly handler = new ReserveStockHandler();

  private constructor(
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
    private readonly committer: RedisCommitter,
    private readonly relay: Relay,
  ) {}

  static async open(url: string): Promise<OurReservations> {
    const silent = (): undefined => undefined;
    const redis = await openRedis({ url, name: 'bench', waitMs: 10_000, log: silent, warn: silent });
    const keys = new RedisKeys(`bench:${newId()}`);
    const publisher = { publish: () => Promise.resolve() };
    const deadLetters = new RedisDeadLetters(redis, keys);
    const relay = new Relay({ service: 'inventory', outbox: new RedisOutbox(redis, keys), publisher, deadLetters });
    const committer = new RedisCommitter({ service: 'inventory', redis, keys, relay });
    new RedisStock(committer, redis, keys);
    const nothing = (): { value: undefined; messages: [] } => ({ value: undefined, messages: [] });
    await committer.commit(work(StockKind, { type: 'open', sku: SKU }, nothing));
    const receipt = { type: 'receive', receiptId: newId(), sku: SKU, quantity: PIECES } as const;
    await committer.commit(work(StockKind, receipt, nothing));
    await relay.start(false);
    return new OurReservations(redis, keys, committer, relay);
  }

  /** Like the service's consumer. */
  async reserve(message: Message<DataOf<typeof ReserveStock>>): Promise<void> {
    const reservation = this.handler.reserve(message);
    const { id: messageId, correlationId } = message;
    await this.committer.handle(reservation, { messageId, correlationId, handler: HANDLER });
  }

  async close(): Promise<void> {
    await this.relay.stop();
    const stream = this.redis.scanStream({ match: `{${this.keys.namespace}}:*`, count: 1_000 });
    for await (const found of stream) if ((found as string[]).length > 0) await this.redis.unlink(found as string[]);
    this.redis.disconnect();
  }
}

/** With the defaults of the client. */
class BareReservations {
  static readonly #LUA = `
    local left = tonumber(redis.call('GET', KEYS[1]))
    if left < tonumber(ARGV[1]) then return 0 end
    redis.call('DECRBY', KEYS[1], ARGV[1])
    return 1`;
  readonly #sha = createHash('sha1').update(BareReservations.#LUA).digest('hex');
  readonly #key = `bench:bare:${newId()}`;

  private constructor(private readonly redis: Redis) {}

  static async open(url: string): Promise<BareReservations> {
    const bare = new BareReservations(new Redis(url));
    await bare.redis.script('LOAD', BareReservations.#LUA);
    await bare.redis.set(bare.#key, PIECES);
    return bare;
  }

  async reserve(): Promise<void> {
    if ((await this.redis.evalsha(this.#sha, 1, this.#key, 1)) !== 1) throw new Error('nothing left');
  }

  async close(): Promise<void> {
    await this.redis.del(this.#key);
    this.redis.disconnect();
  }
}
