import { PageQuery } from '@seam/host';
import { CodedError } from '@seam/kernel';
import { z } from 'zod';
import { ActionBody, PlainAction, reasonExample } from './saga-actions.dto.js';
import { sagaFilter, type SagaFilter } from './saga.dto.js';
import type { SagaSource } from './saga-source.js';

/** Up to how many sagas a preview counts. */
export const MAX_COUNTED = 2_000;

const BulkShape = {
  ...ActionBody.shape,
  action: PlainAction,
  preview: z.boolean().default(true).describe('Whether to count only; nothing is changed unless this is false'),
  limit: z.int().min(1).max(100).default(50).describe('How many sagas this request acts on at most, one after another'),
  cursor: PageQuery.shape.cursor.describe('The nextCursor of the previous request, to continue after its sagas'),
};
export type BulkBody = z.infer<z.ZodObject<typeof BulkShape>> & { readonly filter: SagaFilter };

/** The filter is the query of the list, without a page. */
export const bulkBody = (sources: readonly SagaSource[]): z.ZodType<BulkBody> =>
  z.strictObject({ ...BulkShape, filter: sagaFilter(sources).describe('As in the query of the list; not empty') });

export const BulkAnswer = z.object({
  matching: z.int().describe(`Of a preview: how many sagas that have not ended fit, up to ${MAX_COUNTED}`).optional(),
  complete: z.boolean().describe('Of a preview: false if there may be more').optional(),
  acted: z.int(),
  refused: z.array(z.object({ id: z.string(), code: z.string(), reason: z.string() })),
  nextCursor: z.string().nullable().describe('To continue; null if all have been acted on'),
});
export type BulkAnswer = z.infer<typeof BulkAnswer>;

/** A filter that fits every saga of a service is a mistake more often than not. */
export function checkFilter(filter: SagaFilter): void {
  if (Object.entries(filter).some(([name, value]) => value !== undefined && name !== 'service')) return;
  const message = 'Give a filter with more than the service: an action on every saga is refused';
  throw new CodedError('unprocessable', 'SAGA.FILTER_EMPTY', message);
}

export const BULK =
  'Without `preview: false`, only counts. With it, acts on up to `limit` sagas that have not ended and fit the filter, latest ' +
  'first and one after another, and answers after the last one. Repeat the request with `cursor` until `nextCursor` is null: ' +
  'the caller controls the speed, and nothing continues after the caller or the process has stopped. Each action is an event ' +
  'of its saga, so a request whose answer was lost can be repeated; sagas that do not fit the action any more are `refused`.';

export const bulkExample = (step: string | undefined): object => ({
  ...reasonExample,
  filter: { state: 'parked', step, olderThan: 3600 },
  action: 'retry',
  preview: true,
});
