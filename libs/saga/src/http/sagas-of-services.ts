import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@seam/cqrs';
import { CodedError } from '@seam/kernel';
import { outageIn } from '@seam/persistence';
import { ServiceParts } from '@seam/process';
import type { OperatorRequest } from '../engine/operator.js';
import type { SagaState } from '../engine/state.js';
import { SagaRunner } from '../runner.js';
import { isAsQueried, type SagaQuery } from '../saga-finder.js';
import { GetSaga, ListSagas } from './find-sagas.handler.js';
import type { SagaDetails, SagaSource, SourcedSaga } from './saga-source.js';
import { ActOnSaga } from './act-on-saga.handler.js';

/** A service that did not answer. */
export interface Unavailable {
  readonly service: string;
  readonly code: string;
  readonly reason: string;
}

/** The sagas of several services of this process, each in its own store. */
@Injectable()
export class SagasOfServices {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly parts: ServiceParts,
  ) {}

  /** Up to `limit` sagas of each, latest first, and the services that did not answer. Rejects if none answers. */
  async list(
    sources: readonly SagaSource[],
    wanted: SagaQuery,
  ): Promise<{ sagas: SourcedSaga[]; unavailable: Unavailable[] }> {
    const { given, unavailable } = await this.askAll(sources, async (source) =>
      (await this.queries.execute(new ListSagas(source.service, wanted))).map((saga) => ({ source, saga })),
    );
    return {
      sagas: given.flat().sort(latestFirst),
      unavailable: unavailable.map(({ service, code, reason }) => ({ service, code, reason })),
    };
  }

  /** It is certain that there is no such saga only if all services could be asked. */
  async get(sources: readonly SagaSource[], id: string): Promise<SagaDetails> {
    const { given, unavailable } = await this.askAll(sources, async (source) => {
      const found = await orNone(this.queries.execute(new GetSaga(source.service, id)));
      if (found === undefined) return undefined;
      const { state: saga, events } = found;
      return { source, saga, events, definition: this.parts.of(source.service, SagaRunner).definitionOf(saga) };
    });
    const found = given.find((one) => one !== undefined);
    if (found !== undefined) return found;
    const [away] = unavailable;
    throw away?.error ?? new CodedError('not-found', 'SAGA.NOT_FOUND', 'There is no such saga');
  }

  /** Resolves with the saga as it is afterwards. */
  async act(sources: readonly SagaSource[], id: string, request: OperatorRequest | 'redrive'): Promise<SourcedSaga> {
    const { source } = await this.get(sources, id);
    return { source, saga: await this.commands.execute(new ActOnSaga(source.service, id, request)) };
  }

  /** Acts on a saga of a list that may be out of date, if it is still as the query says; a conflict if it is not. */
  async actOnListed(
    { source, saga }: SourcedSaga,
    request: OperatorRequest,
    query: Omit<SagaQuery, 'limit'>,
  ): Promise<void> {
    const fits = (current: SagaState): boolean => isAsQueried(current, query);
    await this.commands.execute(new ActOnSaga(source.service, saga.id, request, fits));
  }

  private async askAll<T>(
    sources: readonly SagaSource[],
    ask: (source: SagaSource) => Promise<T>,
  ): Promise<{ given: T[]; unavailable: (Unavailable & { error: CodedError })[] }> {
    const given: T[] = [];
    const unavailable: (Unavailable & { error: CodedError })[] = [];
    await Promise.all(
      sources.map(async (source) => {
        try {
          given.push(await ask(source));
        } catch (thrown) {
          const error = awayIn(thrown);
          if (error === undefined) throw thrown;
          unavailable.push({ service: source.service, code: error.code, reason: error.message, error });
        }
      }),
    );
    const [first] = unavailable;
    if (given.length === 0 && first !== undefined) throw first.error;
    return { given, unavailable };
  }
}

/** The reason if the service's store cannot be reached, which says nothing about the other services. */
function awayIn(thrown: unknown): CodedError | undefined {
  const error = outageIn(thrown) ?? thrown;
  return error instanceof CodedError && error.kind === 'unavailable' ? error : undefined;
}

async function orNone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof CodedError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** The order of each service's list: ids decide where sagas started in the same millisecond. */
function latestFirst({ saga: a }: SourcedSaga, { saga: b }: SourcedSaga): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}
