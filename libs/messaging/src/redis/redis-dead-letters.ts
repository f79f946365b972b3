import { CodedError, type Message } from '@seam/kernel';
import { RedisScript } from '@seam/persistence/redis';
import type { Redis } from 'ioredis';
import { asKept, type DeadLetter, type DeadLetterPosition, DeadLetters } from '../dead-letters.js';
import type { RedisKeys } from './redis-keys.js';

// A message's letters are one hash: the message, and for each handler its attempts, its reason and its place in the
// list. The list is a sorted set of these places. All have the same score, so they are ordered by their bytes.

const STORE = new RedisScript(`
local id, handler, message, reason, attempts = unpack(ARGV)
local time = redis.call('TIME')
local place = string.format('%015d %s %s', time[1] * 1000 + math.floor(time[2] / 1000), id, handler)
local before = redis.call('HGET', KEYS[2], 'place ' .. handler)
if before then redis.call('ZREM', KEYS[1], before) end
redis.call('ZADD', KEYS[1], 0, place)
redis.call('HSET', KEYS[2], 'message', message, 'reason ' .. handler, reason, 'place ' .. handler, place)
redis.call('HINCRBY', KEYS[2], 'attempts ' .. handler, attempts)
`);

/**
 * Moves a letter into the outbox, where a relay's next sweep finds it. KEYS: list, letters, and the five keys of the
 * outbox.
 */
const REDRIVE = new RedisScript(`
local id = ARGV[1]
local letters = redis.call('HGETALL', KEYS[2])
if #letters == 0 then return 'none' end
if redis.call('HEXISTS', KEYS[3], id) == 1 then return 'under-way' end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 1, #letters, 2 do
  if letters[i] == 'message' then redis.call('HSET', KEYS[3], id, '[' .. letters[i + 1] .. ']')
  elseif string.sub(letters[i], 1, 6) == 'place ' then redis.call('ZREM', KEYS[1], letters[i + 1]) end
end
redis.call('ZADD', KEYS[4], now, id)
redis.call('ZADD', KEYS[5], now, id)
redis.call('HSET', KEYS[6], id, 1)
redis.call('INCRBY', KEYS[7], 1)
redis.call('DEL', KEYS[2])
return 'done'
`);

/** Dead letters in Redis; one is redriven by moving it into the outbox. */
export class RedisDeadLetters extends DeadLetters {
  constructor(
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
  ) {
    super();
  }

  override async store(message: Message, handler: string, reason: string, attempts: number): Promise<void> {
    const kept = JSON.stringify(asKept(message, handler));
    const values = [message.id, handler, kept, reason.slice(0, 2_000), attempts];
    await STORE.run(this.redis, [this.keys.deadLetters, this.keys.deadLetter(message.id)], values);
  }

  override async list(limit: number, before?: DeadLetterPosition): Promise<DeadLetter[]> {
    const from = before === undefined ? '+' : `(${placeOf(before)}`;
    const { deadLetters } = this.keys;
    const places = await this.redis.zrevrangebylex(deadLetters, from, '-', 'LIMIT', 0, limit);
    const letters = await Promise.all(places.map((place) => this.#read(place)));
    return letters.filter((letter) => letter !== undefined);
  }

  override count(): Promise<number> {
    return this.redis.zcard(this.keys.deadLetters);
  }

  /** A letter that was stored a moment ago may still be in the outbox, about to be deleted there: then redriving is refused. */
  override async redrive(messageId: string): Promise<void> {
    const keys = [this.keys.deadLetters, this.keys.deadLetter(messageId), ...this.keys.outbox];
    const outcome = await REDRIVE.run(this.redis, keys, [messageId]);
    if (outcome === 'none')
      throw new CodedError('not-found', 'DEAD_LETTER.NOT_FOUND', `There is no dead letter ${messageId}`);
    if (outcome === 'under-way')
      throw new CodedError('conflict', 'DEAD_LETTER.UNDER_WAY', `${messageId} is still being sent; try again`);
  }

  /** Undefined if it was redriven meanwhile. */
  async #read(place: string): Promise<DeadLetter | undefined> {
    const [at = '', messageId = '', ...rest] = place.split(' ');
    const handler = rest.join(' ');
    const fields = ['message', `reason ${handler}`, `attempts ${handler}`];
    const found = await this.redis.hmget(this.keys.deadLetter(messageId), ...fields);
    const [message, reason, attempts] = found;
    if (typeof message !== 'string' || typeof reason !== 'string') return undefined;
    const { type, source, correlationId } = JSON.parse(message) as Message;
    const diedAt = new Date(Number(at));
    return { messageId, handler, type, source, correlationId, reason, attempts: Number(attempts), diedAt };
  }
}

const placeOf = ({ diedAt, messageId, handler }: DeadLetterPosition): string =>
  `${String(diedAt.getTime()).padStart(15, '0')} ${messageId} ${handler}`;
