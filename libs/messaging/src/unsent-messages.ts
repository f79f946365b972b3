import type { Message } from '@seam/kernel';
import { LRUCache } from 'lru-cache';

/** Messages of one type and receiver that could not be sent yet, as far as this process has tried. */
export interface Unsent {
  readonly type: string;
  /** The receiver; undefined for an event, which is for all subscribers. */
  readonly target: string | undefined;
  readonly count: number;
  /** Of the message that was tried most often. */
  readonly attempts: number;
  /** When the oldest of them was made, ISO 8601 UTC. */
  readonly oldest: string;
  /** Why the last attempt failed. */
  readonly reason: string;
}

interface Failed {
  readonly type: string;
  readonly target: string | undefined;
  readonly made: string;
  readonly attempts: number;
  readonly reason: string;
  readonly at: number;
}

/** Messages that are remembered at most; the longest-untried are forgotten. */
const REMEMBERED = 10_000;
/** A message that was not tried again for this long was sent by another process, ms. */
const FORGOTTEN_AFTER_MS = 60_000;
const LONGEST_REASON = 500;

/** Remembers which messages this process could not send yet, how often it tried, and why it failed. */
export class UnsentMessages {
  readonly #failed = new LRUCache<string, Failed>({ max: REMEMBERED });

  failed({ id, type, target, at: made }: Message, error: unknown): void {
    const attempts = (this.#failed.get(id)?.attempts ?? 0) + 1;
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_REASON);
    this.#failed.set(id, { type, target, made, attempts, reason, at: Date.now() });
  }

  /** Sent, or stored as a dead letter. */
  finished(id: string): void {
    if (this.#failed.size > 0) this.#failed.delete(id);
  }

  /** By type and receiver, most messages first. */
  groups(now = Date.now()): Unsent[] {
    const groups = new Map<string, Unsent & { readonly at: number }>();
    for (const [id, one] of [...this.#failed.entries()]) {
      if (now - one.at > FORGOTTEN_AFTER_MS) {
        this.#failed.delete(id);
        continue;
      }
      const { type, target } = one;
      const key = `${type} ${target}`;
      const { count, attempts, oldest, reason, at } = groups.get(key) ?? { ...one, count: 0, oldest: one.made };
      groups.set(key, {
        ...{ type, target, count: count + 1, attempts: Math.max(attempts, one.attempts) },
        oldest: one.made < oldest ? one.made : oldest,
        reason: one.at > at ? one.reason : reason, // The latest come first.
        at: Math.max(one.at, at),
      });
    }
    return [...groups.values()].sort((a, b) => b.count - a.count).map(({ at: _, ...group }) => group);
  }
}
