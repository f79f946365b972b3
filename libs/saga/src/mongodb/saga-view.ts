import { MongoView } from '@seam/event-sourcing/mongodb';
import { MongoDatabase } from '@seam/persistence/mongodb';
import { deadlineOf, Saga, type SagaEvent, type SagaState, type StepState } from '../engine/state.js';
import type { SagaEngine } from '../saga-engine.js';
import { OPEN_STATES, SagaFinder, type SagaGroup, type StoredSagaQuery } from '../saga-finder.js';

export type MongoSagaView = MongoView<SagaState, SagaEvent>;

/** One row per saga: the fields to search by, and its deadline. */
export const mongoSagaView = (database: MongoDatabase): MongoSagaView =>
  new MongoView(database, {
    name: 'saga_view',
    aggregate: Saga,
    row: (saga) => {
      const deadline = deadlineOf(saga);
      return {
        correlationId: saga.correlationId,
        status: saga.status,
        startedAt: saga.startedAt,
        // Left out if there is no deadline: the index then contains only the few sagas that have one.
        ...(deadline === undefined ? {} : { deadline: new Date(deadline) }),
      };
    },
    indexes: [
      { name: 'by_age', key: { startedAt: -1, _id: -1 } },
      { name: 'of_a_status', key: { status: 1, startedAt: -1, _id: -1 } },
      { name: 'of_a_correlation', key: { correlationId: 1, startedAt: -1, _id: -1 } },
      { name: 'due', key: { deadline: 1 }, sparse: true },
    ],
  });

export class MongoSagaFinder extends SagaFinder {
  constructor(private readonly view: Pick<MongoSagaView, 'find' | 'aggregate'>) {
    super();
  }

  protected override async page(query: StoredSagaQuery): Promise<SagaState[]> {
    const { status, open, definition, version, correlationId, startedBefore, before, limit } = query;
    const filter = {
      $and: [
        {},
        ...(status === undefined ? [] : [{ status }]),
        ...(open === true ? [{ status: { $in: [...OPEN_STATES] } }] : []),
        ...(definition === undefined ? [] : [{ 'state.definition': definition }]),
        ...(version === undefined ? [] : [{ 'state.version': version }]),
        ...(correlationId === undefined ? [] : [{ correlationId }]),
        ...(startedBefore === undefined ? [] : [{ startedAt: { $lt: startedBefore } }]),
        ...(before === undefined ? [] : [earlierThan(before)]),
      ],
    };
    return (await this.view.find({ filter, sort: { startedAt: -1, _id: -1 }, limit })).map(inTodaysWords);
  }

  override overdue(now: Date, limit: number, except: readonly string[] = []): Promise<SagaState[]> {
    const filter = { deadline: { $lt: now }, ...(except.length === 0 ? {} : { _id: { $nin: [...except] } }) };
    return this.view.find({ filter, sort: { deadline: 1 }, limit });
  }

  override async deadlines(ids: readonly string[]): Promise<Map<string, string | undefined>> {
    const found = await this.view.aggregate<{ _id: string; deadline?: Date }>([
      { $match: { _id: { $in: [...ids] } } },
      { $project: { deadline: 1 } },
    ]);
    return new Map(found.map(({ _id, deadline }) => [_id, deadline?.toISOString()]));
  }

  override async open(): Promise<SagaGroup[]> {
    const groups = await this.view.aggregate<OpenGroup>([
      { $match: { status: { $in: [...OPEN_STATES] } } },
      {
        $group: {
          _id: { definition: '$state.definition', state: '$status' },
          count: { $sum: 1 },
          oldest: { $min: '$startedAt' },
        },
      },
      { $sort: { _id: 1 } },
    ]);
    return groups.map(({ _id, count, oldest }) => ({ ..._id, count, oldest: new Date(oldest) }));
  }
}

/** Earlier versions stored a step's state under other words. */
const EARLIER_WORDS: Readonly<Record<string, StepState['state']>> = { undoing: 'compensating', undone: 'compensated' };

const inTodaysWords = (saga: SagaState): SagaState => ({
  ...saga,
  steps: saga.steps.map((step) => ({ ...step, state: EARLIER_WORDS[step.state] ?? step.state })),
});

interface OpenGroup {
  readonly _id: Pick<SagaGroup, 'definition' | 'state'>;
  readonly count: number;
  readonly oldest: string;
}

/** Times are ISO 8601 texts in UTC, all of the same length, so they sort as text. */
const earlierThan = ({ startedAt, id }: { startedAt: string; id: string }): object => ({
  $or: [{ startedAt: { $lt: startedAt } }, { startedAt, _id: { $lt: id } }],
});

/** Finds sagas in the database of the service's `mongoStore`. */
export const mongoSagas: SagaEngine = {
  uses: [MongoDatabase],
  adapters: [
    {
      provide: SagaFinder,
      inject: [MongoDatabase],
      useFactory: (database: MongoDatabase) => new MongoSagaFinder(mongoSagaView(database)),
    },
  ],
};
