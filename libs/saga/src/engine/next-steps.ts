import type { SagaDefinition, SagaStep } from '../definition.js';
import { attemptLimitMs } from './attempt-limit.js';
import { type Pending, pendingsOf, type Phase, type Waiting, waitingFor } from './pending.js';
import type { SagaState } from './state.js';

export type Definition = Pick<SagaDefinition, 'name' | 'version' | 'steps' | 'pivotAt' | 'deadline'>;

/** Whether the saga is past its point of no return: it only goes forward. */
export const isPastPivot = ({ pivotAt }: Pick<Definition, 'pivotAt'>, { pending }: SagaState): boolean =>
  pivotAt !== undefined && pending?.phase === 'do' && pending.step >= pivotAt;

/** Whether a step does nothing: it is done by time, or by what others do. Then no reply needs to be waited for. */
export const onlyWaits = ({ do: { kind } }: Pick<SagaStep, 'do'>): boolean => kind === 'sleep' || kind === 'wait';

/** Those of what the saga waits for that only wait. */
export const waitsOf = ({ steps }: Pick<Definition, 'steps'>, state: SagaState): readonly Pending[] =>
  pendingsOf(state).filter(({ step, phase }) => phase === 'do' && steps.slice(step, step + 1).some(onlyWaits));

export function pendingAt(
  definition: Definition,
  saga: string,
  step: number,
  phase: Phase,
  attempt: number,
  at: string,
): Pending {
  const of = definition.steps[step];
  if (of === undefined) throw new Error(`${definition.name} has no step ${step}`);
  const deadline = new Date(Date.parse(at) + attemptLimitMs(of, saga, attempt)).toISOString();
  return { step, phase, attempt, deadline };
}

/** The index after a step and the others of its group. */
export function indexAfter({ steps }: Pick<Definition, 'steps'>, step: number): number {
  const group = steps[step]?.group;
  return group === undefined ? step + 1 : steps.findLastIndex((one) => one.group === group) + 1;
}

/** The first attempt of the step at this index, or of all steps of the group that begins there; none after the last step. */
export function enter(definition: Definition, saga: string, index: number, at: string): Waiting {
  if (index >= definition.steps.length) return { next: undefined };
  const pendings: Pending[] = [];
  for (let step = index; step < indexAfter(definition, index); step += 1)
    pendings.push(pendingAt(definition, saga, step, 'do', 1, at));
  return waitingFor(pendings);
}

/** What follows a step that no other one of its group is waited for with. */
export const after = (definition: Definition, { id }: Pick<SagaState, 'id'>, step: number, at: string): Waiting =>
  enter(definition, id, indexAfter(definition, step), at);
