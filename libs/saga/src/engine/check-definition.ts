import type { SagaDefinition } from '../definition.js';
import { onlyWaits } from './next-steps.js';

/** Throws, naming saga and step, if the definition cannot be run: without steps, or against the rule of its pivot. */
export function checkDefinition({ name, steps, pivotAt }: Pick<SagaDefinition, 'name' | 'steps' | 'pivotAt'>): void {
  if (steps.length === 0) throw new Error(`saga ${name} has no steps`);
  if (pivotAt === undefined) return;
  for (const [index, step] of steps.entries()) {
    const of = `saga ${name}: the step ${step.name}`;
    if (index < pivotAt && step.compensate === undefined && !onlyWaits(step))
      throw new Error(`${of} is before the pivot and has no compensation: give it one, or move the pivot before it`);
    if (index >= pivotAt && step.compensate !== undefined)
      throw new Error(`${of} is after the pivot and has a compensation, which is never done: remove it`);
    if (index >= pivotAt && !step.optional && step.onRetriesExhausted !== 'park')
      throw new Error(`${of} is after the pivot, so it cannot fail when its retries are exhausted: let it park`);
  }
}
