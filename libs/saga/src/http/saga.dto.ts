import { text } from '@seam/kernel';
import { z } from 'zod';
import type { SagaState, StepState } from '../engine/state.js';

export const SagaStatusAnswer = z.enum(['running', 'compensating', 'completed', 'compensated', 'parked']);

/** The id of a saga in a path, in either case: anything that is none of ours is simply not found. */
export const SagaId = text({ max: 64 }).toLowerCase();

/** What the API calls the id of what a saga is about: the saga's `correlationId`. */
export interface CorrelationField {
  /** Such as `bookingId`. */
  readonly name: string;
  /** As answers give it. */
  readonly answer: z.ZodType<string>;
  /** As requests may ask for it; gives it in the form in which sagas have it. */
  readonly query: z.ZodType<string>;
}

const SagaStepAnswer = z.object({
  name: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'refused', 'undoing', 'undone']),
  attempts: z.int(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  error: z.string().optional(),
});
type SagaStepAnswer = z.infer<typeof SagaStepAnswer>;

/** The schema of a saga in an answer, with the correlation's field among the others. */
export const sagaAnswerSchema = ({ name, answer }: CorrelationField): z.ZodType =>
  z.object({
    id: z.uuid(),
    definition: z.string(),
    version: z.int(),
    state: SagaStatusAnswer,
    [name]: answer,
    steps: z.array(SagaStepAnswer),
  });

/** Without the saga's data: there may be secrets among them. */
export function sagaAnswer({ name }: CorrelationField, saga: SagaState): object {
  const { id, definition, version, status, correlationId, steps } = saga;
  if (status === 'none') throw new Error('a saga that was never started has no answer');
  return { id, definition, version, state: status, [name]: correlationId, steps: steps.map(stepAnswer) };
}

const stepAnswer = ({ startedAt, endedAt, ...step }: StepState): SagaStepAnswer => ({
  ...step,
  startedAt: startedAt ?? null,
  endedAt: endedAt ?? null,
});

export interface SagaExample {
  readonly definition: string;
  readonly correlationId: string;
  /** The name of its first step. */
  readonly step: string;
}

export const sagaExample = ({ name }: CorrelationField, { definition, correlationId, step }: SagaExample): object => ({
  id: '9b2f7c11-0a3d-8e54-b6f8-1d2c3b4a5968',
  definition,
  version: 1,
  state: 'running',
  [name]: correlationId,
  steps: [
    {
      name: step,
      state: 'done',
      attempts: 1,
      startedAt: '2026-11-22T09:30:00.000Z',
      endedAt: '2026-11-22T09:30:00.012Z',
    },
  ],
});
