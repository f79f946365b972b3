import { decodeCursor } from '@seam/host';
import { z } from 'zod';
import type { SagaQuery } from '../saga-finder.js';
import type { SagaFilter } from './saga.dto.js';
import type { SagaSource, SourcedSaga } from './saga-source.js';

const Position = z.object({ startedAt: z.iso.datetime(), id: z.uuid().lowercase() });

/** What a cursor means: the same position in every service's list. */
export const positionOf = ({ saga: { startedAt, id } }: SourcedSaga): unknown => ({ startedAt, id });

/** The services that can have such sagas. */
export const askedOf = (query: SagaFilter, sources: readonly SagaSource[]): readonly SagaSource[] =>
  sources.filter((source) => fits(source, query, sources));

/** Whether the service can have such sagas: it is the one asked for, and its sagas have the requested field. */
const fits = ({ service, correlation }: SagaSource, query: SagaFilter, all: readonly SagaSource[]): boolean =>
  (query.service === undefined || query.service === service) &&
  all.every(({ correlation: { name } }) => query[name] === undefined || name === correlation.name);

/** Of these services, which all have the requested field. */
export function wantedBy(query: SagaFilter, asked: readonly SagaSource[]): Omit<SagaQuery, 'limit'> {
  const { state, definition, version, step, retrying } = query;
  const [correlationId] = asked.flatMap(({ correlation }) => (query[correlation.name] as string | undefined) ?? []);
  const startedBefore = earliest(query);
  return {
    ...(state === undefined ? {} : { status: state }),
    ...(definition === undefined ? {} : { definition }),
    ...(version === undefined ? {} : { version }),
    ...(step === undefined ? {} : { step }),
    ...(retrying === undefined ? {} : { retrying }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(startedBefore === undefined ? {} : { startedBefore }),
  };
}

/** The position after which a page begins. */
export const beginning = (cursor: string | undefined): Pick<SagaQuery, 'before'> =>
  cursor === undefined ? {} : { before: decodeCursor(cursor, Position) };

/** In the form in which sagas store times. */
function earliest({ startedBefore, olderThan }: SagaFilter): string | undefined {
  const times = [
    ...(startedBefore === undefined ? [] : [Date.parse(startedBefore)]),
    ...(olderThan === undefined ? [] : [Date.now() - olderThan * 1_000]),
  ];
  return times.length === 0 ? undefined : new Date(Math.min(...times)).toISOString();
}
