import { newId } from '@seam/kernel';
import { ConflictError } from '@seam/messaging';
import { STREAM_VERSIONS } from '@seam/messaging/mongodb';
import { isDuplicateKey, type MongoCollection, type MongoDatabase, refusedWrites } from '@seam/persistence/mongodb';
import type { EventMetadata } from '../event.js';
import {
  EventStore,
  type Position,
  type PositionedEvent,
  type RecordedEvent,
  type Snapshot,
  type StreamAppend,
  type StreamHistory,
} from '../event-store.js';
import {
  commitOf,
  EVENT_COMMITS,
  SNAPSHOTS,
  type SnapshotDocument,
  type EventCommit,
  eventsIn,
  streamVersionOf,
} from './collections.js';
import { decrypted } from '../personal-data.js';
import { EventOrder } from './event-order.js';
import { MongoPersonalKeys } from './mongo-personal-keys.js';
import { parsed } from './positions.js';

/** Versions per query: the first query reads most streams whole, for longer streams each query doubles the number. */
const FIRST_QUERY = 8;
const LONGEST_QUERY = 1_024;

/**
 * Streams of events in MongoDB, one document per commit. A unique index over the stream versions is the optimistic lock on
 * all streams of a commit at once. It also finds them: versions have no gap, so a stream is read by asking for its next
 * versions, each of them a seek in that one index.
 */
export class MongoEventStore extends EventStore {
  readonly #commits: MongoCollection<EventCommit>;
  readonly #snapshots: MongoCollection<SnapshotDocument>;
  readonly #order: EventOrder;

  override readonly personalKeys: MongoPersonalKeys;

  constructor(database: Pick<MongoDatabase, 'collection' | 'model'>) {
    super();
    this.personalKeys = new MongoPersonalKeys(database);
    this.#commits = database.collection<EventCommit>(EVENT_COMMITS);
    this.#snapshots = database.collection<SnapshotDocument>(SNAPSHOTS);
    this.#order = new EventOrder(database);
  }

  override async append(appends: readonly StreamAppend[], metadata?: EventMetadata): Promise<void> {
    const changed = appends.filter(({ events }) => events.length > 0);
    if (changed.length === 0) return;
    const commit = commitOf(changed, metadata);
    const streamVersions = commit[STREAM_VERSIONS];
    if (new Set(streamVersions).size < streamVersions.length)
      throw new ConflictError('the same version of a stream twice');
    await this.#checkNotBehind(changed);
    await this.#commits.insertOne({ _id: newId(), ...commit }).catch((error: unknown) => {
      throw isDuplicateKey(error) ? new ConflictError('a stream is ahead of its expected version') : error;
    });
  }

  override async read(stream: string, afterVersion = 0): Promise<RecordedEvent[]> {
    return (await this.#read(new Map([[stream, afterVersion]]))).get(stream) ?? [];
  }

  override readMany(streams: readonly string[]): Promise<Map<string, RecordedEvent[]>> {
    return this.#read(new Map(streams.map((stream) => [stream, 0])));
  }

  override async readSince(
    streams: readonly Pick<Snapshot, 'stream' | 'shape'>[],
  ): Promise<Map<string, StreamHistory>> {
    const shapes = new Map(streams.map(({ stream, shape }) => [stream, shape]));
    const all = await this.#snapshots.find({ _id: { $in: [...shapes.keys()] } }).toArray();
    const found = new Map<string, NonNullable<StreamHistory['snapshot']>>();
    for (const { _id, version, shape, state } of all)
      if (shape === shapes.get(_id) && isJson(state)) found.set(_id, { version, state: JSON.parse(state) });
    const events = await this.#read(
      new Map([...shapes.keys()].map((stream) => [stream, found.get(stream)?.version ?? 0])),
    );
    return new Map(
      [...shapes.keys()].flatMap((stream): [string, StreamHistory][] => {
        const [snapshot, later] = [found.get(stream), events.get(stream)];
        if (snapshot !== undefined) return [[stream, { snapshot, events: later ?? [] }]];
        return later === undefined ? [] : [[stream, { events: later }]];
      }),
    );
  }

  override async saveSnapshots(snapshots: readonly Snapshot[]): Promise<void> {
    const operations = snapshots.map(({ stream: _id, version, shape, state }) => ({
      updateOne: {
        filter: { _id, $or: [{ shape: { $ne: shape } }, { version: { $lt: version } }] },
        update: { $set: { version, shape, state: JSON.stringify(state) } },
        upsert: true,
      },
    }));
    await this.#snapshots.bulkWrite(operations, { ordered: false }).catch((error: unknown) => {
      // There is one of this shape, and it is not older.
      if (refusedWrites(error)?.every(({ duplicate }) => duplicate) !== true) throw error;
    });
  }

  override async readAll(category: string, after: Position | undefined, limit: number): Promise<PositionedEvent[]> {
    await this.#order.sequence();
    const from = after === undefined ? { segment: 1, commit: 0, event: -1 } : parsed(after);
    return decrypted(await this.#inOrder(category, from, limit), this.personalKeys);
  }

  async #inOrder(category: string, from: ReturnType<typeof parsed>, limit: number): Promise<PositionedEvent[]> {
    const found: PositionedEvent[] = [];
    for await (const { _id: segment, commits } of this.#order.from(from.segment)) {
      const first = segment === from.segment ? from.commit : 0;
      for (let start = first; start < commits.length; start += limit) {
        const ids = commits.slice(start, start + limit);
        const events = await this.#eventsOf(ids);
        for (const [index, id] of ids.entries()) {
          const commit = start + index;
          for (const [event, recorded] of (events.get(id) ?? []).entries()) {
            const seen = segment === from.segment && commit === from.commit && event <= from.event;
            if (seen || !recorded.stream.startsWith(`${category}-`)) continue;
            found.push({ ...recorded, position: { tx: String(segment), seq: `${commit}.${event}` } });
            if (found.length === limit) return found;
          }
        }
      }
    }
    return found;
  }

  /** Streams only grow: one that has reached its expected version by now can only be ahead of it later. */
  async #checkNotBehind(appends: readonly StreamAppend[]): Promise<void> {
    const expected = appends
      .filter(({ expectedVersion }) => expectedVersion > 0)
      .map(({ stream, expectedVersion }) => streamVersionOf(stream, expectedVersion));
    if (expected.length === 0) return;
    const found = await this.#commits
      .find({ [STREAM_VERSIONS]: { $in: expected } }, { projection: { [STREAM_VERSIONS]: 1 } })
      .toArray();
    const existing = new Set(found.flatMap((commit) => commit[STREAM_VERSIONS] ?? []));
    const missing = expected.find((streamVersion) => !existing.has(streamVersion));
    if (missing !== undefined) throw new ConflictError(`there is no ${missing} yet`);
  }

  /** @param after the version after which each stream is read */
  async #read(after: ReadonlyMap<string, number>): Promise<Map<string, RecordedEvent[]>> {
    const found = new Map<string, RecordedEvent[]>();
    let open = new Map([...after].map(([stream, version]) => [stream, version + 1]));
    for (let length = FIRST_QUERY; open.size > 0; length = Math.min(length * 2, LONGEST_QUERY)) {
      const wanted = [...open].flatMap(([stream, next]) =>
        Array.from({ length }, (_, index) => streamVersionOf(stream, next + index)),
      );
      const commits = await this.#commits
        .find(
          { [STREAM_VERSIONS]: { $in: wanted } },
          { projection: { _id: 0, [STREAM_VERSIONS]: 1, events: 1, metadata: 1 } },
        )
        .toArray();
      const events = byStream(await decrypted(commits.flatMap(eventsIn), this.personalKeys));
      const longer = new Map<string, number>();
      for (const [stream, next] of open) {
        const run = unbroken(events.get(stream) ?? new Map(), next);
        if (run.length === 0) continue;
        found.set(stream, [...(found.get(stream) ?? []), ...run]);
        if (run.length >= length) longer.set(stream, next + run.length);
      }
      open = longer;
    }
    return found;
  }

  async #eventsOf(ids: readonly string[]): Promise<Map<string, readonly RecordedEvent[]>> {
    const projection = { [STREAM_VERSIONS]: 1, events: 1, metadata: 1 };
    const commits = await this.#commits.find({ _id: { $in: [...ids] } }, { projection }).toArray();
    return new Map(commits.map((commit) => [commit._id, eventsIn(commit)]));
  }
}

/** A damaged snapshot is none: its stream has all that is in it. */
function isJson(text: unknown): text is string {
  try {
    return typeof text === 'string' && JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}

/** Each event once, however many of its commit's stream versions were asked for. */
function byStream(events: readonly RecordedEvent[]): Map<string, Map<number, RecordedEvent>> {
  const streams = new Map<string, Map<number, RecordedEvent>>();
  for (const event of events) {
    const of = streams.get(event.stream) ?? new Map<number, RecordedEvent>();
    streams.set(event.stream, of.set(event.version, event));
  }
  return streams;
}

/**
 * The events from this version on, up to the first that is missing: a query is no snapshot, so it can miss an event that was
 * appended while it ran, and still return the next one.
 */
function unbroken(events: ReadonlyMap<number, RecordedEvent>, from: number): RecordedEvent[] {
  const run: RecordedEvent[] = [];
  for (let next = events.get(from); next !== undefined; next = events.get(from + run.length)) run.push(next);
  return run;
}

const COUNT_MS = 5_000;

/** The number of a category's events; undefined if counting them takes longer than 5 s. */
export async function countEvents(
  database: Pick<MongoDatabase, 'collection'>,
  category: string,
): Promise<number | undefined> {
  const ofCategory = new RegExp(`^${category}-`);
  const counted = database
    .collection<EventCommit>(EVENT_COMMITS)
    .aggregate<{ n: number }>(
      [
        { $project: { _id: 0, versions: `$${STREAM_VERSIONS}` } },
        { $unwind: '$versions' },
        { $match: { versions: ofCategory } },
        { $count: 'n' },
      ],
      { maxTimeMS: COUNT_MS },
    )
    .toArray();
  return counted.then(
    ([row]) => row?.n ?? 0,
    (error: unknown) => {
      if ((error as { code?: number }).code === 50) return undefined;
      throw error;
    },
  );
}
