import { expect } from 'expect';
import { type Aggregate, type DomainEvent, fold } from '@seam/event-sourcing';
import { CodedError } from '@seam/kernel';

interface Given<S, R> {
  when(decide: (state: S) => R): Then<R>;
}

interface Then<R> {
  /** The decision came to exactly this. */
  then(expected: R): void;
  /** The decision was refused by a {@link CodedError} of this code. */
  thenRefused(code: string): void;
}

/**
 * Given an aggregate's events, when something is decided on the state they add up to, then it comes to these events.
 * `given()` without events is an aggregate that does not exist yet.
 */
export const deciderSpecification = <S, E extends DomainEvent>(
  aggregate: Aggregate<S, E>,
): { given<R>(...events: readonly E[]): Given<S, R> } => ({
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
});

function attempt<R>(decide: () => R): { value: R } | { error: unknown } {
  try {
    return { value: decide() };
  } catch (error) {
    return { error };
  }
}
