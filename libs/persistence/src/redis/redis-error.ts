import { ReplyError } from 'ioredis';

/**
 * What a server says that starts, is full, cannot write its file, became a replica, or does not let us in: it will do
 * the same again, once somebody has looked after it. (https://redis.io/docs/latest/develop/reference/protocol-spec, errors)
 */
const UNFIT =
  /^(LOADING|OOM|MISCONF|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY|NOAUTH|WRONGPASS|NOPERM)\b/;

/** Whatever is no refusal of this very command. */
export const isRedisAway = (error: unknown): boolean =>
  !(error instanceof ReplyError) || UNFIT.test((error as Error).message);
