import { ReplyError } from 'ioredis';

/**
 * Error codes of a server that is starting, is full, cannot write its file, became a replica, or refuses our login: it
 * will work again when an operator has corrected this. (https://redis.io/docs/latest/develop/reference/protocol-spec,
 * errors)
 */
const NOT_USABLE =
  /^(LOADING|OOM|MISCONF|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY|NOAUTH|WRONGPASS|NOPERM)\b/;

/** Whether the error is anything other than a refusal of this particular command. */
export const isRedisAway = (error: unknown): boolean =>
  !(error instanceof ReplyError) || NOT_USABLE.test((error as Error).message);
