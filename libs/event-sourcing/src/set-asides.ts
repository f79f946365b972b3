import { derivedId } from '@seam/kernel';

/**
 * A stream that a read model or the saga timers could not process, and have set aside so that all others are processed. It
 * stays set aside until a retry or a rebuild succeeds.
 */
export interface SetAside {
  readonly id: string;
  /** What could not process the stream: the name of a read model, or the saga timers. */
  readonly what: string;
  readonly stream: string;
  /** Where it stopped: the version of the event in its stream, or the deadline. */
  readonly position: string;
  readonly reason: string;
  readonly since: Date;
}

export interface SetAsideQuery {
  readonly what?: string;
  /** The last entry of the previous page. */
  readonly after?: Pick<SetAside, 'since' | 'id'>;
  readonly limit: number;
}

/** The number of entries of one kind, with the oldest streams. */
export interface SetAsideCount {
  readonly what: string;
  readonly count: number;
  readonly streams: readonly string[];
}

/** Maximum number of streams named with a count. */
export const NAMED_STREAMS = 3;

/** The set-aside entries in the store: they survive restarts, and all replicas use them. */
export abstract class SetAsides {
  /** An existing entry gets the new position and reason, and keeps its time. */
  abstract add(what: string, entries: readonly SetAsideEntry[]): Promise<void>;

  /** All entries of a kind: the streams and where they stopped. */
  abstract of(what: string): Promise<Pick<SetAside, 'stream' | 'position'>[]>;

  /** Deletes entries that stopped at these positions; an entry with another position stays. */
  abstract remove(what: string, entries: readonly Pick<SetAside, 'stream' | 'position'>[]): Promise<void>;

  abstract find(id: string): Promise<SetAside | undefined>;

  /** Oldest first; within a millisecond by id. */
  abstract list(query: SetAsideQuery): Promise<SetAside[]>;

  abstract counts(): Promise<SetAsideCount[]>;
}

export type SetAsideEntry = Pick<SetAside, 'stream' | 'position' | 'reason'>;

/** A reason in its stored form: limited in length, and without characters that a column refuses. */
export const reasonOf = (error: unknown): string =>
  wordsOf(error)
    .slice(0, 500)
    .replace(/[\p{Cc}\p{Cs}]/gu, '\u{fffd}');

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

export const setAsideId = (what: string, stream: string, generation = ''): string =>
  derivedId('set-aside', what, generation, stream);
