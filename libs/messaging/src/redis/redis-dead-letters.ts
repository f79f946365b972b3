import { idFloor, type Message } from '@seam/kernel';
import { RedisScript } from '@seam/persistence/redis';
import type { Redis } from 'ioredis';
import {
  type DeadLetter,
  type DeadLetterAction,
  type DeadLetterDetail,
  type DeadLetterFilter,
  type DeadLetterGroup,
  type DeadLetterPosition,
  DeadLetters,
  type NewDeadLetter,
  type Settled,
  type Settlement,
} from '../dead-letters.js';
import { ATTEMPTS_KEPT, attemptsIn, failureOf } from '../failure.js';
import { groupsOf, meets } from '../filter-dead-letters.js';
import { MARK_SECONDS, type RedisKeys } from './redis-keys.js';

// A message's letters are one hash: the message, and for each handler its attempts, its reason, its place in the list, its
// head (what the list shows, so that it need not read the message) and its history (lines of JSON). The list is a sorted set
// of these places. All have the same score, so they are ordered by their bytes.

/** Letters that are read at a time. */
const PAGE = 100;

const STORE = new RedisScript(`
local id, handler, message, reason, attempts, head, history, most = unpack(ARGV)
local time = redis.call('TIME')
local place = string.format('%015d %s %s', time[1] * 1000 + math.floor(time[2] / 1000), id, handler)
local before = redis.call('HGET', KEYS[2], 'place ' .. handler)
if before then redis.call('ZREM', KEYS[1], before) end
redis.call('ZADD', KEYS[1], 0, place)
redis.call('HSET', KEYS[2], 'message', message, 'reason ' .. handler, reason, 'place ' .. handler, place)
redis.call('HINCRBY', KEYS[2], 'attempts ' .. handler, attempts)
redis.call('HSET', KEYS[2], 'head ' .. handler, head)
local known = redis.call('HGET', KEYS[2], 'history ' .. handler)
if known and known ~= '' then history = known .. '\\n' .. history end
local _, breaks = string.gsub(history, '\\n', '')
for _ = most, breaks do history = string.sub(history, string.find(history, '\\n', 1, true) + 1) end
redis.call('HSET', KEYS[2], 'history ' .. handler, history)
`);

/**
 * Deletes a message's letters, records the action, and puts the message or its replacement into the outbox, where a relay's
 * next sweep finds it. KEYS: list, letters, the five keys of the outbox, actions, the set of the message's marks.
 */
const SETTLE = new RedisScript(`
local id, action, record, keep, sentId, replacement = unpack(ARGV)
local letters = redis.call('HGETALL', KEYS[2])
if #letters == 0 then return 'gone' end
if redis.call('HEXISTS', KEYS[3], id) == 1 then return 'under-way' end
local places, marks, message = {}, {}, nil
for i = 1, #letters, 2 do
  if letters[i] == 'message' then message = letters[i + 1]
  elseif string.sub(letters[i], 1, 6) == 'place ' then
    places[#places + 1] = letters[i + 1]
    marks[#marks + 1] = id .. ' ' .. string.sub(letters[i], 7)
  end
end
if action == 'edited' then
  for _, mark in ipairs(marks) do
    if redis.call('SISMEMBER', KEYS[9], mark) == 1 then return 'handled' end
  end
end
if action ~= 'redriven' then
  for _, mark in ipairs(marks) do redis.call('SADD', KEYS[9], mark) end
  redis.call('EXPIRE', KEYS[9], keep)
end
for _, place in ipairs(places) do redis.call('ZREM', KEYS[1], place) end
redis.call('DEL', KEYS[2])
redis.call('ZADD', KEYS[8], 0, record)
if action == 'discarded' then return 'done' end
if replacement ~= '' then message = replacement end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[3], sentId, '[' .. message .. ']')
redis.call('ZADD', KEYS[4], now, sentId)
redis.call('ZADD', KEYS[5], now, sentId)
redis.call('HSET', KEYS[6], sentId, 1)
redis.call('INCRBY', KEYS[7], 1)
return 'done'
`);

/** Deletes letters whose place in the list is before this one. KEYS: list, actions. ARGV: place, action, limit, prefix. */
const EXPIRE = new RedisScript(`
local places = redis.call('ZRANGEBYLEX', KEYS[1], '-', '(' .. ARGV[1], 'LIMIT', 0, ARGV[3])
for _, place in ipairs(places) do
  local id, handler = string.match(place, '^%S+ (%S+) (.*)$')
  local key = ARGV[4] .. id
  redis.call('ZREM', KEYS[1], place)
  for _, field in ipairs({'reason ', 'place ', 'attempts ', 'head ', 'history '}) do
    redis.call('HDEL', key, field .. handler)
  end
  if redis.call('HLEN', key) == 1 then redis.call('DEL', key) end
end
local actions = redis.call('ZRANGEBYLEX', KEYS[2], '-', '(' .. ARGV[2], 'LIMIT', 0, ARGV[3])
for _, action in ipairs(actions) do redis.call('ZREM', KEYS[2], action) end
return {#places, #actions}
`);

/** Dead letters in Redis; what happens to one is one script. */
export class RedisDeadLetters extends DeadLetters {
  constructor(
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
  ) {
    super();
  }

  protected override async write(letter: NewDeadLetter): Promise<void> {
    const { messageId, handler, message, reason, attempts, type, source, correlationId, failure, history } = letter;
    const head = JSON.stringify({ type, source, correlationId, failure } satisfies Head);
    const values = [messageId, handler, message, reason, attempts, head, history.join('\n'), ATTEMPTS_KEPT];
    await STORE.run(this.redis, [this.keys.deadLetters, this.keys.deadLetter(messageId)], values);
  }

  override async list(limit: number, before?: DeadLetterPosition, filter?: DeadLetterFilter): Promise<DeadLetter[]> {
    const found: DeadLetter[] = [];
    const wanted = filter === undefined ? limit : PAGE;
    for await (const letters of this.#pages(wanted, before)) {
      found.push(...letters.filter((letter) => meets(letter, filter)));
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  override async get(messageId: string): Promise<DeadLetterDetail[]> {
    const fields = new Map(Object.entries(await this.redis.hgetall(this.keys.deadLetter(messageId))));
    const message = fields.get('message');
    if (message === undefined) return [];
    const places = [...fields].flatMap(([name, place]) => (name.startsWith('place ') ? [place] : []));
    const byHandler = places.sort((a, b) => (handlerIn(a) < handlerIn(b) ? -1 : 1));
    return byHandler.flatMap((place) => {
      const letter = letterAt(place, (name) => fields.get(name));
      const history = attemptsIn((fields.get(`history ${letter?.handler}`) ?? '').split('\n'));
      return letter === undefined ? [] : [{ ...letter, message: JSON.parse(message) as Message, history }];
    });
  }

  /** Reads all letters, page by page. */
  override async groups(filter?: DeadLetterFilter): Promise<DeadLetterGroup[]> {
    const all: DeadLetter[] = [];
    for await (const letters of this.#pages(PAGE)) all.push(...letters.filter((letter) => meets(letter, filter)));
    return groupsOf(all);
  }

  override async count(filter?: DeadLetterFilter): Promise<number> {
    if (filter === undefined) return this.redis.zcard(this.keys.deadLetters);
    let count = 0;
    for await (const letters of this.#pages(PAGE)) count += letters.filter((letter) => meets(letter, filter)).length;
    return count;
  }

  override async actions(limit: number, before?: string): Promise<DeadLetterAction[]> {
    const from = before === undefined ? '+' : `(${before}`;
    const records = await this.redis.zrevrangebylex(this.keys.deadLetterActions, from, '-', 'LIMIT', 0, limit);
    return records.map((record) => {
      const action = JSON.parse(record.slice(record.indexOf(' '))) as DeadLetterAction & { readonly at: string };
      return { ...action, at: new Date(action.at) };
    });
  }

  override async expire(before: Date, limit: number): Promise<{ letters: number; actions: number }> {
    const keys = [this.keys.deadLetters, this.keys.deadLetterActions];
    const values = [String(before.getTime()).padStart(15, '0'), idFloor(before), limit, this.keys.deadLetter('')];
    const [letters, actions] = (await EXPIRE.run(this.redis, keys, values)) as [number, number];
    return { letters, actions };
  }

  /** A letter that was stored a moment ago may still be in the outbox, about to be deleted there: then it is refused. */
  protected override async settle({ action, letters, replacement }: Settlement): Promise<Settled> {
    const { messageId } = action;
    const { key: marks } = this.keys.mark({ messageId, handler: letters[0].handler });
    const { deadLetters, outbox, deadLetterActions } = this.keys;
    const settled = await SETTLE.run(
      this.redis,
      [deadLetters, this.keys.deadLetter(messageId), ...outbox, deadLetterActions, marks],
      [
        ...[messageId, action.action, `${action.id} ${JSON.stringify(action)}`, MARK_SECONDS],
        ...(replacement === undefined ? [messageId, ''] : [replacement.id, JSON.stringify(replacement)]),
      ],
    );
    return settled as Settled;
  }

  /** All letters after this position, newest first, `size` at a time. */
  async *#pages(size: number, before?: DeadLetterPosition): AsyncGenerator<DeadLetter[]> {
    let from = before === undefined ? '+' : `(${placeOf(before)}`;
    for (;;) {
      const places = await this.redis.zrevrangebylex(this.keys.deadLetters, from, '-', 'LIMIT', 0, size);
      const letters = await Promise.all(places.map((place) => this.#read(place)));
      yield letters.filter((letter) => letter !== undefined);
      const last = places.at(-1);
      if (last === undefined || places.length < size) return;
      from = `(${last}`;
    }
  }

  /** Without its message, unless a process of an earlier version has stored it. Undefined if it was redriven meanwhile. */
  async #read(place: string): Promise<DeadLetter | undefined> {
    const key = this.keys.deadLetter(idIn(place));
    const handler = handlerIn(place);
    const names = [`reason ${handler}`, `attempts ${handler}`, `head ${handler}`];
    const values = await this.redis.hmget(key, ...names);
    const fields = new Map(names.map((name, index) => [name, values[index] ?? undefined]));
    if (fields.get(`head ${handler}`) === undefined)
      fields.set('message', (await this.redis.hget(key, 'message')) ?? undefined);
    return letterAt(place, (name) => fields.get(name));
  }
}

type Head = Pick<DeadLetter, 'type' | 'source' | 'correlationId'> & Partial<Pick<DeadLetter, 'failure'>>;

const idIn = (place: string): string => place.split(' ', 2)[1] ?? '';
const handlerIn = (place: string): string => place.split(' ').slice(2).join(' ');

function letterAt(place: string, field: (name: string) => string | undefined): DeadLetter | undefined {
  const handler = handlerIn(place);
  const [reason, described] = [field(`reason ${handler}`), field(`head ${handler}`) ?? field('message')];
  if (reason === undefined || described === undefined) return undefined;
  const { type, source, correlationId, failure = failureOf(reason) } = JSON.parse(described) as Head;
  const attempts = Number(field(`attempts ${handler}`));
  const diedAt = new Date(Number(place.split(' ', 1)[0]));
  return { messageId: idIn(place), handler, type, source, correlationId, reason, failure, attempts, diedAt };
}

const placeOf = ({ diedAt, messageId, handler }: DeadLetterPosition): string =>
  `${String(diedAt.getTime()).padStart(15, '0')} ${messageId} ${handler}`;
