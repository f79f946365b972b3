import type { Cause } from '../committer.js';
import { identity } from '../ticket.js';

/**
 * The keys of one service's store. The name in braces is their hash tag: they are all in one slot, also of a cluster, so
 * that one script may touch any of them (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
 */
export class RedisKeys {
  readonly #tag: string;

  /** @param namespace what tells this store from others on the same server, such as `seam:inventory` */
  constructor(readonly namespace: string) {
    this.#tag = `{${namespace}}:`;
  }

  /** A key of the service's own, such as `{seam:inventory}:stock:MUG-BLUE`. */
  of(kind: string, id?: string): string {
    return id === undefined ? this.#tag + kind : `${this.#tag}${kind}:${id}`;
  }

  /** That a message was handled: string `1`, expires. */
  mark(cause: Cause): string {
    return `${this.#tag}inbox:${identity(cause)}`;
  }

  /** Who alone may commit for a moment: string, expires. */
  get turn(): string {
    return `${this.#tag}turn`;
  }

  /** Everything of the outbox, in the order in which scripts take it. */
  get outbox(): readonly [entries: string, due: string, since: string, sizes: string, waiting: string] {
    const of = (name: string): string => `${this.#tag}outbox${name}`;
    return [of(''), of(':due'), of(':since'), of(':sizes'), of(':waiting')];
  }

  /** Dead letters in their order: sorted set, all of one score. */
  get deadLetters(): string {
    return `${this.#tag}dead`;
  }

  /** One message's dead letters, one for each handler: hash. */
  deadLetter(messageId: string): string {
    return `${this.#tag}dead:${messageId}`;
  }
}
