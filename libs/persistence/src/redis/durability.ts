import { ReplyError, type Redis } from 'ioredis';
import { EngineUnavailableError } from '../await-engine.js';

/**
 * Refuses a server that would lose data: one without an append-only file, or one that evicts keys when it is full.
 * Resolves with further warnings for the operator. If the server does not allow the check, it is assumed to be durable.
 */
export async function checkDurability(redis: Redis, url: string): Promise<string[]> {
  const at = new URL(url).host;
  const config = await settingsOf(redis);
  if (config === undefined)
    return [
      `Redis at ${at} does not show its settings: make sure that it has appendonly yes and maxmemory-policy noeviction`,
    ];
  const refuse = (what: string): Error =>
    new EngineUnavailableError('PERSISTENCE.ENGINE_REFUSED', `REDIS_URL: Redis at ${at} ${what}`);
  if (config.get('appendonly') === 'no')
    throw refuse('has appendonly off, and would lose data: start it with --appendonly yes');
  const policy = config.get('maxmemory-policy') ?? 'noeviction';
  if (policy !== 'noeviction')
    throw refuse(`has maxmemory-policy ${policy}, and would evict data: start it with --maxmemory-policy noeviction`);
  if (config.get('appendfsync') === 'always') return [];
  return [
    `Redis at ${at} has appendfsync ${config.get('appendfsync') ?? 'unknown'}: a power failure may lose what was ` +
      'accepted in the last second; start it with --appendfsync always',
  ];
}

/** Undefined if CONFIG is forbidden or renamed, as on managed servers. */
async function settingsOf(redis: Redis): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const flat = (await redis.call('CONFIG', ['GET', 'append*', 'maxmemory-policy'])) as string[];
    const config = new Map<string, string>();
    for (let at = 0; at < flat.length; at += 2) config.set(String(flat[at]), String(flat[at + 1]));
    return config;
  } catch (error) {
    if (error instanceof ReplyError) return undefined;
    throw error;
  }
}
