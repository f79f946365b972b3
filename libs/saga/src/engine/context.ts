import type { CompensationContext, SagaContext } from '../definition.js';
import type { SagaState, StepState } from './state.js';

/** What the functions of a step get; `result` is that of the step itself. */
export const contextOf = (
  state: SagaState,
  step: number,
  aggregate: unknown,
  at: string,
): CompensationContext<SagaContext, unknown> => ({
  input: state.data,
  state: aggregate,
  results: Object.fromEntries(state.steps.flatMap((step) => (wasDone(step) ? [[step.name, resultOf(step)]] : []))),
  result: resultOf(state.steps[step]),
  at,
  failure: state.failure,
});

/** Also if it is compensated now: its result stays known. */
const wasDone = ({ result, state, endedAt, error }: StepState): boolean =>
  result !== undefined || state === 'done' || (endedAt !== undefined && error === undefined);

const resultOf = (step: StepState | undefined): unknown =>
  step === undefined || !wasDone(step) ? undefined : (step.result ?? {});
