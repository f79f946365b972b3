import type { Cause } from '../committer.js';

/** A UUID of version 7: its first 48 bits are milliseconds (RFC 9562). */
const TIMED = /^[0-9a-f]{8}-[0-9a-f]{4}-7/;

/** Longer than any message can be delayed: a message that is sent again after this time would be handled again. */
export const MARK_SECONDS = 7 * 24 * 3_600;

/** A set, and the member in it that marks a message as handled. */
export interface Mark {
  readonly key: string;
  readonly member: string;
}

/**
 * The keys of one service's store. The name in braces is their hash tag: all keys are in one slot, even in a cluster,
 * so that one script may access any of them
 * (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
 */
export class RedisKeys {
  readonly #tag: string;

  /** @param namespace distinguishes this store from others on the same server, such as `seam:rooms` */
  constructor(readonly namespace: string) {
    this.#tag = `{${namespace}}:`;
  }

  /** A key of the service's own, such as `{seam:rooms}:room:12`. */
  of(kind: string, id?: string): string {
    return id === undefined ? this.#tag + kind : `${this.#tag}${kind}:${id}`;
  }

  /**
   * The mark of a handled message: a member of a set. Messages of one minute share a set, which needs a fraction of the
   * memory of one key per message; a message whose id does not contain its time has a set of its own.
   */
  mark({ messageId, handler }: Pick<Cause, 'messageId' | 'handler'>): Mark {
    const set = TIMED.test(messageId)
      ? String(Math.floor(parseInt(messageId.slice(0, 8) + messageId.slice(9, 13), 16) / 60_000))
      : messageId;
    return { key: `${this.#tag}inbox:${set}`, member: `${messageId} ${handler}` };
  }

  /**
   * The commit lock: for a short time, only its holder may commit. A string that expires. Processes of an older version
   * use the same key.
   */
  get commitLock(): string {
    return `${this.#tag}turn`;
  }

  /** All keys of the outbox, in the order in which scripts expect them. */
  get outbox(): readonly [entries: string, due: string, since: string, sizes: string, waiting: string] {
    const of = (name: string): string => `${this.#tag}outbox${name}`;
    return [of(''), of(':due'), of(':since'), of(':sizes'), of(':waiting')];
  }

  /**
   * All keys of the messages with a key, in the order in which scripts expect them: members `<id> <key>` by position (sorted
   * set), messages and leases by member (hashes), the last position.
   */
  get ordered(): readonly [members: string, messages: string, leases: string, last: string] {
    const of = (name: string): string => `${this.#tag}outbox:ordered${name}`;
    return [of(''), of(':messages'), of(':leases'), of(':last')];
  }

  /** The ids of the delayed messages that a key cancels: a set. */
  cancellable(cancelKey: string): string {
    return `${this.#tag}outbox:cancel:${cancelKey}`;
  }

  /** Dead letters in their order: a sorted set in which all scores are the same. */
  get deadLetters(): string {
    return `${this.#tag}dead`;
  }

  /** What operators have done with dead letters: a sorted set in which all scores are the same, ordered by id. */
  get deadLetterActions(): string {
    return `${this.#tag}dead:actions`;
  }

  /** One message's dead letters, one for each handler: a hash. */
  deadLetter(messageId: string): string {
    return `${this.#tag}dead:${messageId}`;
  }
}
