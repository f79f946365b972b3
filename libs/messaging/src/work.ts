import type { Attributes, OutgoingMessage } from '@seam/kernel';

/**
 * What a handler asks its service's store to do, as data: a kind of change, this change's input, and what follows from
 * its result. The committer combines the works that wait at the same time into one commit, kind by kind.
 */
export interface Work<T = unknown> {
  readonly kind: WorkKind;
  readonly input: unknown;
  /** Pure. The value for the caller, and the messages that leave in the same commit. */
  readonly settle: (result: unknown) => WorkResult<T>;
  /**
   * Its own change tells a repeated message, which then changes nothing and sends nothing: it needs no inbox mark.
   * True of a saga's replies, each recorded in the saga's stream.
   */
  readonly naturallyIdempotent?: boolean;
  /** Nobody waits for it: it may wait a moment to share a commit with others like it. */
  readonly lowPriority?: boolean;
  /** Pure. What a trace is to say of the change that was made; asked for where one is recorded. */
  describe?(value: T): Attributes;
}

export interface WorkResult<T> {
  readonly value: T;
  readonly messages: readonly OutgoingMessage[];
}

/** An input that comes to nothing but an error for its caller. */
export class Rejected {
  constructor(readonly error: unknown) {}
}

/** Marks a kind of change; each store's adapter knows how to make it. */
export interface WorkKind<I = unknown, R = unknown> {
  readonly name: string;
  /** Never read: they tie a kind to its types. */
  readonly _input?: I;
  readonly _result?: R;
}

/** A work of a kind; `settle` says what its result means to the caller and which messages follow from it. */
export const work = <I, R, T>(kind: WorkKind<I, R>, input: I, settle: (result: R) => WorkResult<T>): Work<T> => ({
  kind,
  input,
  settle: settle as (result: unknown) => WorkResult<T>,
});

/** The same work, with something to say in traces. */
export const described = <T>(untold: Work<T>, describe: (value: T) => Attributes): Work<T> => ({ ...untold, describe });

/** The same work, in no hurry. */
export const lowPriority = <T>(hurried: Work<T>): Work<T> => ({ ...hurried, lowPriority: true });

/** The same work, for a change that recognises a message it has seen by itself. */
export const naturallyIdempotent = <T>(unmarked: Work<T>): Work<T> => ({ ...unmarked, naturallyIdempotent: true });
