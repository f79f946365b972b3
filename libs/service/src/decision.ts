import type { DomainEvent } from '@seam/event-sourcing';
import { CodedError, type OutgoingMessage } from '@seam/kernel';
import type { Failure } from '@seam/saga';

export interface Refusal {
  readonly refused: Failure;
}

/** A refusal, as a decision returns it: nothing is written, and the sender of the command acts on the code. */
export const refuse = (code: string, reason: string): Refusal => ({ refused: { code, reason } });

export interface DecidedChange<E extends DomainEvent> {
  readonly events: readonly E[];
  readonly messages?: readonly OutgoingMessage[];
}

/** The result of a decision on one aggregate: its events, alone or with messages, or a refusal. No event: nothing changes. */
export type Decision<E extends DomainEvent> = readonly E[] | DecidedChange<E> | Refusal;

/** A reply without fields: of `z.object({})`. */
type IsEmpty<R> = [keyof R] extends [never] ? true : string extends keyof R ? true : false;

/** The result of a decision that is answered: with the reply's data, which only a reply without fields may leave out. */
export type Answer<E extends DomainEvent, R> =
  (IsEmpty<R> extends true ? Decision<E> : never) | (DecidedChange<E> & { readonly reply: R }) | Refusal;

/** `at`: the time of the change, ISO 8601 UTC, for its events. Pure, and may be called more than once for one change. */
export type Decide<S, D> = (state: S, at: string) => D;

export const changeOf = <E extends DomainEvent>(decision: readonly E[] | DecidedChange<E>): DecidedChange<E> =>
  'events' in decision ? decision : { events: decision };

/** A refusal as an error, for a caller that gets no reply. */
export const refusalError = ({ refused: { code, reason } }: Refusal): CodedError =>
  new CodedError('conflict', code, reason);
