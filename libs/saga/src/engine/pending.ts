/** `undo` is the stored word for compensating: events and messages of every version have it. */
export type Phase = 'do' | 'undo';

/** A reply that the saga waits for: to this step's command, until the deadline (ISO 8601). */
export interface Pending {
  readonly step: number;
  readonly phase: Phase;
  readonly attempt: number;
  readonly deadline: string;
  /** Its command has not been sent, because the saga is paused. */
  readonly held?: true;
  /**
   * The saga is parked because of it, and waits for other steps of its group as well. It follows from the step of
   * `saga-parked`; later events repeat it.
   */
  readonly parked?: true;
}

/**
 * What a saga waits for after an event: nothing if it has ended; steps of a group are waited for together. Replies that it
 * waited for before, and still does, are listed again.
 */
export interface Waiting<P extends Pending | undefined = Pending | undefined> {
  readonly next: P;
  readonly also?: readonly Pending[];
}

/** The same, in the state of a saga. */
interface Awaiting {
  readonly pending: Pending | undefined;
  readonly also?: readonly Pending[];
}

export function waitingFor(pendings: readonly [Pending, ...Pending[]]): Waiting<Pending>;
export function waitingFor(pendings: readonly Pending[]): Waiting;
export function waitingFor([next, ...also]: readonly Pending[]): Waiting {
  return also.length === 0 ? { next } : { next, also };
}

/** All that a saga waits for, in the order of its steps. */
export const pendingsOf = ({ pending, also }: Awaiting): readonly Pending[] =>
  pending === undefined ? [] : also === undefined ? [pending] : [pending, ...also];

/** What it waits for besides this. */
export const othersThan = (state: Awaiting, pending: Pending): readonly Pending[] =>
  state.also === undefined ? [] : pendingsOf(state).filter((one) => one !== pending);

/** What times out first; of two with the same deadline the one of the earlier step. */
export const firstDue = (state: Awaiting): Pending | undefined =>
  pendingsOf(state).reduce<Pending | undefined>(
    (first, one) => (first === undefined || one.deadline < first.deadline ? one : first),
    undefined,
  );
