import type { SagaState, StepState } from '@seam/saga';
import { z } from 'zod';
import { OrderId } from '../order.dto.js';

const SagaStatusAnswer = z.enum(['running', 'compensating', 'completed', 'compensated', 'parked']);

export const SagaListQuery = { state: SagaStatusAnswer.optional(), orderId: OrderId.optional() };

export const SagaAnswer = z.object({
  id: z.uuid(),
  definition: z.string(),
  version: z.int(),
  state: SagaStatusAnswer,
  orderId: z.uuid(),
  steps: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['waiting', 'running', 'done', 'refused', 'undoing', 'undone']),
      attempts: z.int(),
      startedAt: z.iso.datetime().nullable(),
      endedAt: z.iso.datetime().nullable(),
      error: z.string().optional(),
    }),
  ),
});
export type SagaAnswer = z.infer<typeof SagaAnswer>;

export const sagaExample = {
  id: '9b2f7c11-0a3d-8e54-b6f8-1d2c3b4a5968',
  definition: 'place-order',
  version: 1,
  state: 'running',
  orderId: '3f0a1c52-9d4e-8b77-a1c2-5e6f7a8b9c0d',
  steps: [
    {
      name: 'reserve-stock',
      state: 'done',
      attempts: 1,
      startedAt: '2026-11-22T09:30:00.000Z',
      endedAt: '2026-11-22T09:30:00.012Z',
    },
  ],
};

/** Without the saga's data: a card's token may be among them. */
export function sagaAnswer(saga: SagaState): SagaAnswer {
  const { id, definition, version, status, correlationId, steps } = saga;
  if (status === 'none') throw new Error('a saga that was never started has no answer');
  return { id, definition, version, state: status, orderId: correlationId, steps: steps.map(stepAnswer) };
}

const stepAnswer = ({ startedAt, endedAt, ...step }: StepState): SagaAnswer['steps'][number] => ({
  ...step,
  startedAt: startedAt ?? null,
  endedAt: endedAt ?? null,
});
