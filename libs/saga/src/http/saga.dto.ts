import { text } from '@seam/kernel';
import { z } from 'zod';
import type { SagaState, StepState } from '../engine/state.js';

export const SagaStatusAnswer = z.enum(['running', 'compensating', 'completed', 'compensated', 'parked', 'paused']);

/** The id of a saga in a path, in lower or upper case. An id that is not a valid saga id is simply not found. */
export const SagaId = text({ max: 64 }).toLowerCase();

/** The name and form in which the API shows a saga's `correlationId`, the id of what the saga is about. */
export interface CorrelationField {
  /** Such as `bookingId`. */
  readonly name: string;
  /** Its schema in answers. */
  readonly answer: z.ZodType<string>;
  /** Its schema in requests; converts it to the form that sagas store. */
  readonly query: z.ZodType<string>;
}

const SagaStepAnswer = z.object({
  name: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'refused', 'compensating', 'compensated']),
  attempts: z.int(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  error: z.string().optional(),
});
type SagaStepAnswer = z.infer<typeof SagaStepAnswer>;

/** The schema of a saga in an answer, including the correlation field. */
export const sagaAnswerSchema = ({ name, answer }: CorrelationField): z.ZodType =>
  z.object({
    id: z.uuid(),
    definition: z.string(),
    version: z.int(),
    state: SagaStatusAnswer,
    [name]: answer,
    steps: z.array(SagaStepAnswer),
  });

/** Without the saga's data, because it may contain secrets. */
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
