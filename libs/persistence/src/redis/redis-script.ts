import type { Redis } from 'ioredis';
import { createHash } from 'node:crypto';

/** A Lua script. Its full text is sent only to a server that does not know it yet, such as after a restart. */
export class RedisScript {
  readonly #sha: string;

  constructor(private readonly lua: string) {
    this.#sha = createHash('sha1').update(lua).digest('hex');
  }

  /** Runs it as one atomic step. `keys` are all the keys it accesses, in one hash slot. */
  async run(redis: Redis, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    // Passed as one array: spread into arguments, the values of a large batch would not fit on the stack.
    const rest = [keys.length, ...keys, ...values];
    try {
      return await redis.call('EVALSHA', [this.#sha, ...rest]);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return redis.call('EVAL', [this.lua, ...rest]);
    }
  }
}
