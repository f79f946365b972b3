import { expect } from 'expect';
import {
  type Aggregate,
  currentForm,
  type DomainEvent,
  fold,
  type NewEvent,
  type StoredEvent,
} from '@seam/event-sourcing';
import { CodedError } from '@seam/kernel';

interface Given<S, R> {
  when(decide: (state: S) => R): Then<R>;
}

interface Then<R> {
  /** The decision has exactly this result. */
  then(expected: R): void;
  /** The decision was refused by a {@link CodedError} of this code. */
  thenRefused(code: string): void;
}

interface DeciderSpecification<S, E extends DomainEvent> {
  /** Events as the aggregate decides them, or, with a `schemaVersion`, as they are stored. */
  given<R>(...events: readonly (E | StoredEvent)[]): Given<S, R>;
  /** An event that an earlier version has stored is read as exactly this, and the aggregate's `check` accepts it. */
  stored(event: StoredEvent): { readsAs(expected: E): void };
  /** An event that is decided now is stored as exactly this, and is folded into the same state after it has been read. */
  writes(event: E, before?: readonly (E | StoredEvent)[]): { as(expected: NewEvent): void };
}

/**
 * Given an aggregate's events, when something is decided on the state they add up to, then these events follow.
 * `given()` without events is an aggregate that does not exist yet.
 */
export const deciderSpecification = <S, E extends DomainEvent>(
  aggregate: Aggregate<S, E>,
): DeciderSpecification<S, E> => ({
  given: (...events) => ({
    when: (decide) => {
      const outcome = attempt(() => decide(fold(aggregate, events)));
      return {
        then: (expected) => {
          expect(outcome).toEqual({ value: expected });
        },
        thenRefused: (code) => {
          expect(outcome).toEqual({ error: expect.objectContaining({ code }) });
          expect('error' in outcome && outcome.error).toBeInstanceOf(CodedError);
        },
      };
    },
  }),
  stored: (event) => ({
    readsAs: (expected) => {
      const { schemaVersion: _, ...read } = currentForm(aggregate, event);
      expect(read).toEqual(expected);
      aggregate.check?.(read);
    },
  }),
  writes: (event, before = []) => ({
    as: (expected) => {
      const stored = aggregate.schemas?.store(event) ?? event;
      expect(stored).toEqual(expected);
      expect(fold(aggregate, [...before, stored])).toEqual(fold(aggregate, [...before, event]));
    },
  }),
});

function attempt<R>(decide: () => R): { value: R } | { error: unknown } {
  try {
    return { value: decide() };
  } catch (error) {
    return { error };
  }
}
