import { type CommandContract, defineCommand } from '@seam/messaging/contract';
import { fold } from '@seam/event-sourcing';
import {
  aborted,
  done,
  type SagaTestInput,
  operated,
  redriven,
  refused,
  runSaga,
  type SagaRun,
  stepTimedOut,
  timedOut,
  compensated,
  compensationRefused,
} from '@seam/testing';
import fc from 'fast-check';
import { z } from 'zod';
import { type DecisionResult, type SagaDefinition, send } from '../definition.js';
import { saga } from '../saga-builder.js';
import { Trip } from '../testing/trip.js';
import { refusalOf } from './operator.js';
import { type Pending, pendingsOf } from './pending.js';
import { Saga, type SagaEvent } from './state.js';

interface StepShape {
  readonly kind: 'send' | 'local';
  readonly compensate: 'send' | 'local' | 'none';
  readonly attempts: number;
  readonly givenUp: boolean;
  readonly refuses: boolean;
  /** Sent together with the one before it, if both are commands. */
  readonly together: boolean;
}

type Definition = SagaDefinition<object, readonly string[], never>;
type Builder = ReturnType<typeof saga<object, readonly string[], never>>;

const shape = fc.record<StepShape>({
  kind: fc.constantFrom('send', 'send', 'local'),
  compensate: fc.constantFrom('send', 'local', 'none'),
  attempts: fc.integer({ min: 1, max: 3 }),
  givenUp: fc.boolean(),
  refuses: fc.boolean(),
  together: fc.boolean(),
});

const commandOf = (name: string): CommandContract =>
  defineCommand({ service: 'other', name, data: z.unknown(), reply: z.unknown() });
const answer = (refuses: boolean): DecisionResult<never> =>
  refuses ? { refused: { code: 'LOCAL', reason: 'refused' } } : [];

function definitionOf(shapes: readonly StepShape[], startsDone: boolean): Definition {
  const head = { version: 1, input: z.object({}), aggregate: Trip as never, aggregateId: () => 'a' };
  const add = (to: Builder, { kind, compensate, attempts, givenUp, refuses }: StepShape, index: number): Builder => {
    const back = send(commandOf(`undo-${index}`), () => ({}));
    const compensation =
      compensate === 'none' ? {} : { compensate: compensate === 'send' ? back : () => answer(false) };
    if (startsDone && index === 0) return to.started('s0', compensation) as Builder;
    if (kind === 'local') return to.decide(`s${index}`, () => answer(refuses), compensation) as Builder;
    const command = send(commandOf(`do-${index}`), () => ({}));
    const onRetriesExhausted = givenUp ? { code: 'GIVEN_UP', reason: 'no answer' } : ('park' as const);
    return to.call(`s${index}`, command, { ...compensation, retry: { attempts }, onRetriesExhausted }) as Builder;
  };
  let built = saga<object, readonly string[], never>('any', head);
  for (const group of groupsOf(shapes, startsDone)) {
    const addTo = (to: unknown): never => {
      let all = to as Builder;
      for (const { shape, index } of group) all = add(all, shape, index);
      return all as never;
    };
    const more: unknown = group.length === 1 ? addTo(built) : built.parallel(addTo);
    built = more as Builder;
  }
  return built;
}

/** The steps with their indices; those that are sent together in one list. */
function groupsOf(
  shapes: readonly StepShape[],
  startsDone: boolean,
): { readonly shape: StepShape; readonly index: number }[][] {
  const groups: { readonly shape: StepShape; readonly index: number }[][] = [];
  const isSent = (index: number): boolean => shapes[index]?.kind === 'send' && !(startsDone && index === 0);
  shapes.forEach((shape, index) => {
    const joins = shape.together && isSent(index) && isSent(index - 1);
    if (joins) groups.at(-1)!.push({ shape, index });
    else groups.push([{ shape, index }]);
  });
  return groups;
}

const definition = fc
  .tuple(fc.array(shape, { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([shapes, startsDone]) => definitionOf(shapes, startsDone));

const stepName = fc.integer({ min: 0, max: 5 }).map((index) => `s${index}`);
/** Inputs that fit the saga's state are more frequent than late or misplaced ones. */
const fitting =
  (make: (step: string) => [SagaTestInput<string>, SagaTestInput<string>]): SagaTestInput<string> =>
  (state) => {
    // Of a group, the last of the steps that it waits for answers first.
    const { step = 0, phase } = pendingsOf(state).at(-1) ?? {};
    return make(state.steps[step]?.name ?? 'none')[phase === 'undo' ? 1 : 0](state);
  };
const yes = fitting((step) => [done(step), compensated(step)]);
const no = fitting((step) => [refused(step, 'NO'), compensationRefused(step, 'NO')]);
const resume = operated({ action: 'resume' });
const operators: fc.Arbitrary<SagaTestInput<string>> = fc.oneof(
  fc.constantFrom('retry', 'compensate', 'run-now', 'pause', 'pause', 'resume').map((action) => operated({ action })),
  fc.nat({ max: 4 }).map((at) => operated({ action: 'restart-from', step: `s${at}` })),
  fc.constant<SagaTestInput<string>>((state) =>
    operated({ action: 'skip', step: state.steps[state.pending?.step ?? 0]!.name })(state),
  ),
);
const anyInput: fc.Arbitrary<SagaTestInput<string>> = fc.oneof(
  { weight: 4, arbitrary: operators },
  { weight: 6, arbitrary: fc.constant(yes) },
  { weight: 2, arbitrary: fc.constant(no) },
  { weight: 3, arbitrary: fc.constant(timedOut) },
  { weight: 1, arbitrary: fc.constant(aborted('WHIM')) },
  { weight: 2, arbitrary: fc.constant(redriven) },
  { weight: 1, arbitrary: stepName.map((step) => stepTimedOut(step)) },
  { weight: 1, arbitrary: stepName.map((step) => done(step)) },
  { weight: 1, arbitrary: stepName.map(compensated) },
  { weight: 1, arbitrary: stepName.map((step) => refused(step, 'MISPLACED')) },
  { weight: 1, arbitrary: stepName.map((step) => compensationRefused(step, 'MISPLACED')) },
);

/**
 * Any sequence of inputs; `completion` is appended to it: an operator who redrives, and services that grant every
 * command.
 */
const anyScenario = fc.tuple(definition, fc.array(anyInput, { maxLength: 25 }));
const completion: SagaTestInput<string>[] = Array.from({ length: 12 }).flatMap(() => [resume, redriven, yes]);
const run = (
  [saga, scenario]: [Definition, SagaTestInput<string>[]],
  after: SagaTestInput<string>[] = [],
): SagaRun<readonly string[], never> =>
  runSaga(
    saga,
    { data: {} },
    [...scenario, ...after].map((one) => unlessRefused(saga, one)),
  );
/** As the runner does: an action that is refused in the saga's state changes nothing. */
const unlessRefused =
  (saga: Definition, testInput: SagaTestInput<string>): SagaTestInput<string> =>
  (state) => {
    const input = testInput(state);
    const ignored = { type: 'timeout', step: 'none', phase: 'do', attempt: 0 } as const;
    return input.type === 'operator' && refusalOf(saga, state, input) ? ignored : input;
  };

/** The index of each step in the order in which their compensations started; a retry or a redrive begins one again. */
const compensatedSteps = (events: readonly SagaEvent[]): number[] =>
  events.flatMap(({ data }) => ('next' in data && data.next?.phase === 'undo' ? [data.next.step] : []));

/** What the saga waited for after each event. */
const waits = (events: readonly SagaEvent[]): Pending[] =>
  events.flatMap(({ data }) => ('next' in data && data.next !== undefined ? [data.next, ...(data.also ?? [])] : []));

const hasStarted = (events: readonly SagaEvent[], step: number): boolean =>
  waits(events).some((one) => one.phase === 'do' && one.step === step) ||
  events.some((event) => event.type === 'saga-started' && step < event.data.done);

const check = (property: (scenario: [Definition, SagaTestInput<string>[]]) => void): void =>
  fc.assert(fc.property(anyScenario, property), { numRuns: 1000 });

describe('any saga, whatever happens to it', () => {
  it('ends completed, compensated, parked or paused; and neither of these if it is continued and all is granted', () => {
    check((scenario) => {
      expect(['running', 'compensating', 'completed', 'compensated', 'parked', 'paused']).toContain(
        run(scenario).state.status,
      );
      const { state } = run(scenario, completion);
      expect(['completed', 'compensated']).toContain(state.status);
      expect(state.pending).toBeUndefined();
      expect(state.failure === undefined).toBe(state.status === 'completed');
    });
  });

  it('waits for something or has ended, never both', () => {
    check((scenario) => {
      const { state } = run(scenario);
      const ended = state.status === 'completed' || state.status === 'compensated';
      expect(state.pending === undefined).toBe(ended);
    });
  });

  it('compensates only what was attempted, and in reverse order', () => {
    check((scenario) => {
      const { saga } = run(scenario, completion);
      const steps = compensatedSteps(saga);
      expect(steps).toEqual([...steps].sort((a, b) => b - a));
      for (const step of steps) expect(hasStarted(saga, step)).toBe(true);
    });
  });

  it('has, when compensated, compensated every completed or given-up step that can be', () => {
    check((scenario) => {
      const { state, saga } = run(scenario, completion);
      if (state.status !== 'compensated') return;
      const givenUp = saga.flatMap((event) => (event.type === 'step-given-up' ? [event.data.step] : []));
      const wrong = state.steps.filter(
        (step, index) =>
          scenario[0].steps[index]?.compensate !== undefined &&
          (step.state === 'done' ||
            ((givenUp.includes(index) || step.happened === true) && step.state !== 'compensated')),
      );
      expect(wrong).toEqual([]);
    });
  });

  it('has, when completed, done every step and compensated none', () => {
    check((scenario) => {
      const { state, saga } = run(scenario, completion);
      if (state.status !== 'completed') return;
      expect(new Set(state.steps.map((step) => step.state))).toEqual(new Set(['done']));
      expect(compensatedSteps(saga)).toEqual([]);
    });
  });

  it('sends a command for each thing it waits for, and for nothing else', () => {
    check((scenario) => {
      const { saga, messages } = run(scenario);
      const next = new Map(
        waits(saga).map((one) => [[one.step, one.phase, one.attempt, one.deadline, one.held].join(), one]),
      );
      const sent = [...next.values()].filter(
        ({ step, phase, held }) =>
          held !== true && scenario[0].steps[step]?.[phase === 'do' ? 'do' : 'compensate']?.kind === 'send',
      );
      expect(messages.map(({ type }) => type)).toEqual(sent.map(({ step, phase }) => `other.${phase}-${step}.v1`));
    });
  });

  it('has the same state when folded from events that were stored as JSON', () => {
    check((scenario) => {
      const { state, saga } = run(scenario);
      const stored = JSON.parse(JSON.stringify(saga)) as SagaEvent[];
      expect(fold(Saga, stored)).toEqual(state);
      const half = Math.floor(stored.length / 2);
      const folded: unknown = JSON.parse(JSON.stringify(fold(Saga, stored.slice(0, half))));
      if (half > 0) expect(fold(Saga, stored.slice(half), folded as typeof state)).toEqual(state);
    });
  });
});
