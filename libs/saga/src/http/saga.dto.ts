import { pageOf, PageQuery } from '@seam/host';
import { text } from '@seam/kernel';
import { z } from 'zod';
import type { StepState } from '../engine/state.js';
import type { SagaSource, SourcedSaga } from './saga-source.js';

const SagaStatusAnswer = z.enum(['running', 'compensating', 'completed', 'compensated', 'parked', 'paused']);

/** The id of a saga in a path, in lower or upper case. An id that is not a valid saga id is simply not found. */
export const SagaId = text({ max: 64 }).toLowerCase();

const SagaStepAnswer = z.object({
  name: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'refused', 'compensating', 'compensated', 'skipped']),
  attempts: z.int(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  error: z.string().optional(),
});
type SagaStepAnswer = z.infer<typeof SagaStepAnswer>;

/** The schema of a saga in an answer, with the correlation field of its service. */
export function sagaAnswerSchema(sources: readonly SagaSource[]): z.ZodObject {
  const names = new Set(sources.map(({ correlation }) => correlation.name));
  const fields = sources.map(({ correlation: { name, answer } }) => [
    name,
    names.size > 1 ? answer.optional() : answer,
  ]);
  return z.object({
    id: z.uuid(),
    service: z.string(),
    definition: z.string(),
    version: z.int(),
    state: SagaStatusAnswer,
    startedAt: z.iso.datetime(),
    ...(Object.fromEntries(fields) as Record<string, z.ZodType>),
    steps: z.array(SagaStepAnswer),
  });
}

/** Without the saga's data, because it may contain secrets. */
export function sagaAnswer({ source, saga }: SourcedSaga): object {
  const { id, definition, version, status, correlationId, startedAt, steps } = saga;
  if (status === 'none') throw new Error('a saga that was never started has no answer');
  const { service, correlation } = source;
  const head = { id, service, definition, version, state: status, startedAt };
  return { ...head, [correlation.name]: correlationId, steps: steps.map(stepAnswer) };
}

const stepAnswer = ({ name, state, attempts, startedAt, endedAt, error }: StepState): SagaStepAnswer => ({
  name,
  state,
  attempts,
  startedAt: startedAt ?? null,
  endedAt: endedAt ?? null,
  ...(error === undefined ? {} : { error }),
});

export function sagaExample([source]: readonly SagaSource[]): object {
  if (source === undefined) throw new Error('routes of sagas without a service');
  const { service, correlation, example } = source;
  const [startedAt, endedAt] = ['2026-11-22T09:30:00.000Z', '2026-11-22T09:30:00.012Z'];
  return {
    id: '9b2f7c11-0a3d-8e54-b6f8-1d2c3b4a5968',
    service,
    definition: example.definition,
    version: 1,
    state: 'running',
    startedAt,
    [correlation.name]: example.correlationId,
    steps: [{ name: example.step, state: 'done', attempts: 1, startedAt, endedAt }],
  };
}

const Unavailable = z
  .array(z.object({ service: z.string(), code: z.string(), reason: z.string() }))
  .describe('The services that did not answer: their sagas are missing here');

export const sagaPageSchema = (sources: readonly SagaSource[]): z.ZodType =>
  pageOf(sagaAnswerSchema(sources)).extend({ unavailable: Unavailable });

const name = text({ min: 1, max: 100 });
const FilterShape = {
  state: SagaStatusAnswer.optional(),
  definition: name.optional().describe('The name of the saga’s definition'),
  version: z.coerce.number('must be a number').int().min(1).max(1_000_000).optional(),
  step: name.optional().describe('The step that it is at; sagas that have ended are at none'),
  retrying: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional()
    .describe('Whether it has not ended and waits for a further attempt of its step'),
  startedBefore: z.iso.datetime().optional().describe('Started before this time'),
  olderThan: z.coerce
    .number('must be a number')
    .int()
    .min(0)
    .max(1_000_000_000)
    .optional()
    .describe('Started more than this number of seconds ago'),
};
export type SagaFilter = z.infer<z.ZodObject<typeof FilterShape>> &
  Readonly<Record<string, unknown>> & { readonly service?: string };
export type SagaListQuery = SagaFilter & PageQuery;

const filterShape = (sources: readonly SagaSource[]) => ({
  ...FilterShape,
  ...Object.fromEntries(sources.map(({ correlation }) => [correlation.name, correlation.query.optional()])),
  service: z
    .enum(sources.map(({ service }) => service))
    .optional()
    .describe('Only the sagas of this service'),
});

/** By what sagas are found, without a page. */
export const sagaFilter = (sources: readonly SagaSource[]): z.ZodType<SagaFilter> =>
  z.strictObject(filterShape(sources));

export const sagaListQuery = (sources: readonly SagaSource[]): z.ZodType<SagaListQuery> =>
  z.strictObject({ ...PageQuery.shape, ...filterShape(sources) });
