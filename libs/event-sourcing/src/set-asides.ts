import { derivedId } from '@seam/kernel';

/**
 * Something that could not go on with one stream, and has left it aside so that all others go on. It stays so until an
 * operator has it tried again, or all of it is made anew.
 */
export interface SetAside {
  readonly id: string;
  /** What could not go on: a read model, or the time limits of sagas. */
  readonly what: string;
  readonly stream: string;
  /** Where: the version of the event in its stream, or the time limit. */
  readonly position: string;
  readonly reason: string;
  readonly since: Date;
}

export interface SetAsideQuery {
  readonly what?: string;
  /** The last one of the page before. */
  readonly after?: Pick<SetAside, 'since' | 'id'>;
  readonly limit: number;
}

/** How much of one kind there is, with the streams that have been waiting longest. */
export interface SetAsideCount {
  readonly what: string;
  readonly count: number;
  readonly streams: readonly string[];
}

/** How many streams a count names. */
export const NAMED_STREAMS = 3;

/** What was set aside, kept in the store: it outlives the process, and every replica goes by it. */
export abstract class SetAsides {
  /** One that is there already gets the new position and reason, and keeps its time. */
  abstract add(what: string, entries: readonly SetAsideEntry[]): Promise<void>;

  /** All of a kind: the streams and where they stopped. */
  abstract of(what: string): Promise<Pick<SetAside, 'stream' | 'position'>[]>;

  /** Lets those go that stopped there; one that has stopped elsewhere meanwhile stays. */
  abstract remove(what: string, entries: readonly Pick<SetAside, 'stream' | 'position'>[]): Promise<void>;

  abstract find(id: string): Promise<SetAside | undefined>;

  /** The longest waiting first; of those of one millisecond the lower id. */
  abstract list(query: SetAsideQuery): Promise<SetAside[]>;

  abstract counts(): Promise<SetAsideCount[]>;
}

export type SetAsideEntry = Pick<SetAside, 'stream' | 'position' | 'reason'>;

/** A reason as it is kept: one that explains, does not fill the store, and has nothing in it that a column refuses. */
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
