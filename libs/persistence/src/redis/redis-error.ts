import { CodedError } from '@seam/kernel';
import { ReplyError } from 'ioredis';

/** Redis did not answer, or cannot do its work now: what it was asked to do may be done or not. */
export class RedisAwayError extends CodedError {
  constructor(cause: unknown) {
    super('unavailable', 'STORE.UNAVAILABLE', 'The database did not answer; try again');
    this.name = 'RedisAwayError';
    this.cause = cause;
  }
}

/**
 * What a server says that starts, is full, cannot write its file, became a replica, or does not let us in: it will do
 * the same again, once somebody has looked after it. (https://redis.io/docs/latest/develop/reference/protocol-spec, errors)
 */
const UNFIT =
  /^(LOADING|OOM|MISCONF|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY|NOAUTH|WRONGPASS|NOPERM)\b/;

/** Rejects with {@link RedisAwayError} for whatever is no refusal of this very command. */
export async function redisAnswer<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof ReplyError && !UNFIT.test((error as Error).message) ? error : new RedisAwayError(error);
  }
}
