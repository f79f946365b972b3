import { type Backoff, backoffMs } from '@seam/kernel';
import type { RedisOptions } from 'ioredis';
import { awaitEngine } from '../await-engine.js';
import { checkDurability } from './durability.js';
import { GuardedRedis } from './guarded-redis.js';

export interface OpenRedisOptions {
  readonly url: string;
  /** Shown by `CLIENT LIST`. */
  readonly name: string;
  /** How long to wait for a server that is not available, ms. */
  readonly waitMs: number;
  readonly log: (line: string) => void;
  readonly warn: (line: string) => void;
}

const ANSWER_WITHIN_MS = 5_000;
const RECONNECTS: Backoff = { firstMs: 100, longestMs: 2_000 };

/**
 * The client does not queue or resend commands: a command without an answer fails, and its caller decides what to do. A
 * server that accepts connections but does not answer is detected by GuardedRedis and not by the client's
 * `socketTimeout`: in 5.11 that timer keeps running when its connection is gone, and then ends the next one.
 */
const FAIL_FAST: RedisOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  // Commands fail when the connection breaks: otherwise running commands would wait for the next connection.
  maxRetriesPerRequest: 0,
  commandTimeout: ANSWER_WITHIN_MS,
  connectTimeout: ANSWER_WITHIN_MS,
  lazyConnect: true,
};

/**
 * Opens a connection to the server of REDIS_URL: waits for the server, and requires that it stores data durably. Once
 * open, it reconnects by itself; meanwhile every command rejects with a `StoreAwayError`. Rejects with an
 * `EngineUnavailableError`.
 */
export async function openRedis({ url, name, waitMs, log, warn }: OpenRedisOptions): Promise<GuardedRedis> {
  const redis = await awaitEngine({
    ...{ engine: 'Redis', setting: 'REDIS_URL', url, waitMs, log, fatalReason },
    connect: () => connect(url, { ...FAIL_FAST, connectionName: name }),
  });
  const warnings = await checkDurability(redis, url).catch((error: unknown) => {
    redis.disconnect();
    throw error;
  });
  for (const warning of warnings) warn(warning);
  redis.guard(warn);
  return redis;
}

async function connect(url: string, options: RedisOptions): Promise<GuardedRedis> {
  let connected = false;
  let broken: unknown;
  const redis = new GuardedRedis(url, {
    ...options,
    retryStrategy: (times) => (connected ? backoffMs(RECONNECTS, times) : null),
  });
  // Used once, for the error of `connect`: each command that fails rejects with its own error.
  redis.on('error', (error: unknown) => (broken = error));
  try {
    await redis.connect();
    // If the requested database does not exist, the client silently continues in database 0.
    if ((redis.options.db ?? 0) > 0) await redis.select(redis.options.db ?? 0);
    connected = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    throw broken ?? error;
  }
}

function fatalReason(error: unknown): string | undefined {
  const text = error instanceof Error ? error.message : String(error);
  if (/WRONGPASS|invalid (username-)?password/i.test(text)) return 'it refuses the user or the password: correct them';
  if (/NOAUTH/.test(text)) return 'it requires a password: add it to the URL, as in redis://:password@host:6379';
  if (/DB index is out of range|SELECT is not allowed/i.test(text))
    return 'it has no database of this number: correct the path';
  if (/wrong version number|EPROTO|packet length too long/i.test(text))
    return 'it does not use TLS there: use redis:// instead of rediss://';
  if (/Protocol error/i.test(text)) return 'the server there is not Redis: correct host and port';
  return undefined;
}
