import { CodedError } from '@seam/kernel';

/** The progress of a read model that is under construction. */
export interface ShadowProgress {
  readonly since: Date;
  /** Number of events that it contains. */
  readonly events: number;
  /** Number of events of its category when it was started; undefined if counting them took too long. */
  readonly total: number | undefined;
}

/**
 * A read model under construction beside the one that is read and kept up to date. It is stored with a checkpoint of its
 * own, so that another process can continue it after a crash. One process at a time builds it (`Rebuilds`); if two do
 * nevertheless, each event is applied as if there were one.
 */
export abstract class ShadowReadModel {
  /**
   * Begins an empty one; keeps one that is under construction already, unless the shape of the read model has changed, or
   * a lower version of the projection has started it.
   */
  abstract begin(): Promise<void>;

  /**
   * Whether this process has something to build: one is under construction, of this version of the projection; or the live
   * read model is of a lower version. Not if either is of a higher version, which other processes are left to build.
   */
  abstract due(): Promise<boolean>;

  /** Of the one under construction, if there is one. */
  abstract progress(): Promise<ShadowProgress | undefined>;

  /**
   * Applies the next events, at most one chunk, and moves its checkpoint. Holds no lock that a reader, a command or the
   * live projector waits for. Rejects with {@link RebuildCancelledError} if it is gone.
   */
  abstract advance(): Promise<Advanced>;

  /**
   * Replaces the live read model, its checkpoint and its set-aside entries by this one's, all at once. Resolves with the
   * number of events in it; with undefined, and nothing replaced, if it has not reached the live one's checkpoint yet,
   * or if readers hold the live one for longer than a moment.
   */
  abstract swap(): Promise<number | undefined>;

  /** Deletes it; resolves with false if there is none. */
  abstract discard(): Promise<boolean>;
}

export interface Advanced {
  /** Number of events that it contains by now. */
  readonly events: number;
  /** Whether it has all events that can be read at present. */
  readonly caughtUp: boolean;
}

/** A rebuild was cancelled: the read model stays as it is, and continues to follow the events. */
export class RebuildCancelledError extends CodedError {
  constructor(readModel: string) {
    super('conflict', 'READ_MODELS.REBUILD_CANCELLED', `The rebuild of ${readModel} was cancelled`);
    this.name = 'RebuildCancelledError';
  }
}

/** The read model, or the one under construction, is of a newer version of its projection than this process has. */
export class NewerVersionError extends CodedError {
  constructor(readModel: string) {
    super(
      'conflict',
      'READ_MODELS.NEWER_VERSION',
      `${readModel} has a newer version than this process: rebuild it by a process of the newer release`,
    );
    this.name = 'NewerVersionError';
  }
}

/** The process stops; another one, or this one after its restart, continues the rebuild by itself. */
export class RebuildInterruptedError extends CodedError {
  constructor(readModel: string) {
    super(
      'unavailable',
      'READ_MODELS.REBUILD_INTERRUPTED',
      `This process stops; the rebuild of ${readModel} continues where it is, by another process or after the restart`,
    );
    this.name = 'RebuildInterruptedError';
  }
}

export interface BuildOptions {
  /** Is called with the number of events in it, after each chunk. */
  readonly progress?: (events: number) => void;
  /** Aborted when the process stops: the build ends after the current chunk. */
  readonly signal?: AbortSignal;
}

const SWAP_AGAIN_MS = 100;

/** Builds a read model that was started, and swaps it in; resolves with the number of events in it. */
export async function build(name: string, shadow: ShadowReadModel, options: BuildOptions): Promise<number> {
  for (;;) {
    if (options.signal?.aborted === true) throw new RebuildInterruptedError(name);
    const { events, caughtUp } = await shadow.advance();
    options.progress?.(events);
    if (!caughtUp) continue;
    const swapped = await shadow.swap();
    if (swapped !== undefined) return swapped;
    await new Promise((resume) => setTimeout(resume, SWAP_AGAIN_MS));
  }
}
