import type { Attributes, OutgoingMessage } from '@seam/kernel';

/**
 * A change of its service's store that a handler asks for, as data: the kind of change, its input, and a function of its
 * result. The committer combines the works that wait at the same time into one commit, kind by kind.
 */
export interface Work<T = unknown> {
  readonly kind: WorkKind;
  readonly input: unknown;
  /** Pure. The value for the caller, and the messages to be stored in the same commit. */
  readonly settle: (result: unknown) => WorkResult<T>;
  /**
   * Its own change recognises a repeated message, which then changes nothing and sends at most the same answer again, so it
   * needs no inbox mark. This applies to a saga's replies, because each is recorded in the saga's stream, and to commands of
   * sagas whose row stays for ever: a saga may repeat its commands under new ids, and ignores answers that it has.
   */
  readonly naturallyIdempotent?: boolean;
  /** No caller waits for it: it may wait a moment to share a commit with others like it. */
  readonly lowPriority?: boolean;
  /** Pure. Attributes for a trace about the change; called only if a trace is recorded. */
  describe?(value: T): Attributes;
}

export interface WorkResult<T> {
  readonly value: T;
  readonly messages: readonly OutgoingMessage[];
  /** Keys of delayed messages that the same commit cancels; not those of its own messages. */
  readonly cancels?: readonly string[];
}

/** The result of an input that only causes an error for its caller. */
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

/** A work of a kind; `settle` turns its result into the value for the caller and the messages to send. */
export const work = <I, R, T>(kind: WorkKind<I, R>, input: I, settle: (result: R) => WorkResult<T>): Work<T> => ({
  kind,
  input,
  settle: settle as (result: unknown) => WorkResult<T>,
});

/**
 * The same work, whose commit also cancels the service's delayed messages with these keys (`cancelKey`): those of earlier
 * commits that no relay has claimed. One that is being sent at that moment still arrives, unless sending it fails.
 */
export const cancelling = <W extends Work>(keeping: W, keys: readonly string[]): W => ({
  ...keeping,
  settle: (result: unknown) => {
    const settled = keeping.settle(result);
    return { ...settled, cancels: [...(settled.cancels ?? []), ...keys] };
  },
});

/** Works that change nothing. Every store has an adapter for them; one without an outbox refuses those with messages. */
export const SendingKind: WorkKind<undefined, undefined> = { name: 'sending' };

/** A work that changes nothing and sends these messages; or, without messages, only marks its cause as handled. */
export const sending = (messages: readonly OutgoingMessage[]): Work<undefined> =>
  work(SendingKind, undefined, () => ({ value: undefined, messages }));

/** The same work, with attributes for traces. */
export const described = <T>(untold: Work<T>, describe: (value: T) => Attributes): Work<T> => ({ ...untold, describe });

/** The same work, with low priority. */
export const lowPriority = <W extends Work>(one: W): W => ({ ...one, lowPriority: true });

/** The same work, for a change that recognises a repeated message by itself. */
export const naturallyIdempotent = <W extends Work>(unmarked: W): W => ({ ...unmarked, naturallyIdempotent: true });
