import type { OutgoingMessage } from '@seam/kernel';
import { type Origin, Rejected } from '@seam/messaging';
import { type DomainEvent, fold, type StreamRef, streamOf } from './aggregate.js';
import type { EventMetadata, NewEvent } from './event.js';
import type { EventStore } from './event-store.js';
import type { EventWorkInput, EventWorkResult } from './event-work.js';
import { type Loaded, loadStreams } from './load-streams.js';
import type { SnapshotWriter } from './snapshots.js';
import type { PersonalFieldsByPerson } from './personal-data.js';
import type { Known, StateCache } from './state-cache.js';
import type { UnreadableObserver, UnreadableStreamError } from './unreadable-stream.js';

/** An event to be stored, with that of its work's commit. */
export type AppendedEvent = NewEvent & {
  readonly metadata?: EventMetadata;
  readonly personal?: PersonalFieldsByPerson;
};

/** A stream during a batch: its state after the batch's earlier decisions, and the events they append. */
export interface Open extends Known {
  readonly stream: string;
  readonly expectedVersion: number;
  /** In the form in which they are to be stored. */
  readonly appended: readonly AppendedEvent[];
  /** Not read, because it is expected to be new. */
  readonly assumedNew: boolean;
  /** Its events cannot be folded: works that need it are refused, but no others of the batch. */
  readonly unreadable?: UnreadableStreamError;
}

/** Listeners to the results of event works. */
export interface EventWorkHooks {
  /** Called after each commit that appended events. */
  readonly appended?: () => void;
  readonly unreadable?: UnreadableObserver;
  /** Stores the states of aggregates that have snapshots; without it, none are stored. */
  readonly snapshots?: SnapshotWriter;
}

/** The result of one input, and its streams after its events. */
export interface Decided {
  readonly result: EventWorkResult;
  readonly after: ReadonlyMap<string, Open>;
  readonly metadata: EventMetadata;
}

export interface EventInput {
  readonly input: EventWorkInput;
  /** It has conflicted before, so nothing is assumed about its streams. */
  readonly retried: boolean;
  readonly origin: Origin;
}

export const streamsOf = ({ streams }: Pick<EventWorkInput, 'streams'>): string[] =>
  Object.values(streams).map(({ aggregate, id }) => streamOf(aggregate, id));

/** The streams of a batch's inputs, read together, except those that are cached or expected to be new. */
export async function openStreams(
  store: EventStore,
  inputs: readonly EventInput[],
  { unreadable: onUnreadable = () => undefined, snapshots }: EventWorkHooks,
  cache?: StateCache,
): Promise<Map<string, Open>> {
  const refs = new Map<string, StreamRef>();
  const retried = new Set<string>();
  for (const one of inputs)
    for (const ref of Object.values(one.input.streams)) {
      const stream = streamOf(ref.aggregate, ref.id);
      if (one.retried) retried.add(stream);
      // Treated as new only if all inputs of the batch expect it to be new.
      if (refs.get(stream)?.expectedNew !== false) refs.set(stream, { ...ref, expectedNew: ref.expectedNew === true });
    }
  const known = new Map<string, Loaded>();
  const assumedNew = new Set<string>();
  for (const [stream, { aggregate, expectedNew }] of refs) {
    if (retried.has(stream)) continue;
    const state = cache?.get(stream);
    if (state !== undefined) known.set(stream, state);
    else if (expectedNew === true) {
      known.set(stream, { state: aggregate.initial, version: 0 });
      assumedNew.add(stream);
    }
  }
  const unknown = [...refs].filter(([stream]) => !known.has(stream)).map(([, ref]) => ref);
  for (const [stream, loaded] of await loadStreams(store, unknown, snapshots)) known.set(stream, loaded);
  return new Map(
    [...refs.keys()].map((stream) => {
      const isNew = assumedNew.has(stream);
      const { state, version, unreadable } = known.get(stream) ?? NOTHING;
      if (unreadable !== undefined) onUnreadable(unreadable);
      const broken = unreadable === undefined ? {} : { unreadable };
      return [stream, { stream, state, version, expectedVersion: version, appended: [], assumedNew: isNew, ...broken }];
    }),
  );
}

const NOTHING: Loaded = { state: undefined, version: 0 };

/** Decides one input on its open streams. Changes nothing: `after` has the changed streams. */
export function decideOne(
  { streams, decide }: EventWorkInput,
  origin: Origin,
  open: ReadonlyMap<string, Open>,
): Decided | Rejected {
  try {
    const refs = Object.entries(streams);
    for (const stream of streamsOf({ streams })) {
      const unreadable = open.get(stream)?.unreadable;
      if (unreadable !== undefined) return new Rejected(unreadable);
    }
    const states = Object.fromEntries(
      refs.map(([key, ref]) => [key, open.get(streamOf(ref.aggregate, ref.id))?.state]),
    );
    const { events = {}, messages = [], value } = decide(states);
    // All of its streams change, or none: if an aggregate refuses an event, no stream is changed.
    const after = new Map<string, Open>();
    const metadata = metadataOf(origin, messages);
    for (const [key, ref] of refs) append(open, after, ref, events[key] ?? [], metadata);
    return { result: { value, messages, ...positionOf(streams, open, after) }, after, metadata };
  } catch (error) {
    return new Rejected(error);
  }
}

function positionOf(
  streams: EventWorkInput['streams'],
  open: ReadonlyMap<string, Open>,
  after: ReadonlyMap<string, Open>,
): Pick<EventWorkResult, 'position'> {
  const [stream = ''] = streamsOf({ streams });
  const version = (after.get(stream) ?? open.get(stream))?.version ?? 0;
  return version === 0 ? {} : { position: { stream, version } };
}

function append(
  open: ReadonlyMap<string, Open>,
  after: Map<string, Open>,
  { aggregate, id }: StreamRef,
  events: readonly DomainEvent[],
  metadata: EventMetadata,
): void {
  if (events.length === 0) return;
  const stream = streamOf(aggregate, id);
  const before = after.get(stream) ?? open.get(stream);
  if (before === undefined) throw new Error(`stream ${stream} was not read`);
  after.set(stream, {
    ...before,
    state: fold(aggregate, events, before.state),
    version: before.version + events.length,
    appended: [...before.appended, ...storedForms(aggregate, events, before.state, metadata)],
  });
}

function storedForms(
  aggregate: StreamRef['aggregate'],
  events: readonly DomainEvent[],
  from: unknown,
  metadata: EventMetadata,
): readonly AppendedEvent[] {
  const { schemas, personal } = aggregate;
  const stored = (event: DomainEvent): AppendedEvent => ({ ...(schemas?.store(event) ?? event), metadata });
  if (personal === undefined) return events.map(stored);
  let state = from;
  return events.map((event) => {
    const fields = personal.of(event, state);
    state = aggregate.evolve(state, event);
    return fields === undefined ? stored(event) : withPersonal(stored(event), fields);
  });
}

function withPersonal(event: AppendedEvent, personal: PersonalFieldsByPerson): AppendedEvent {
  for (const field of [...personal.values()].flat())
    if ((event.data as Record<string, unknown>)[field] === undefined)
      throw new Error(
        `the downcast of ${event.type} has no ${field}, which is personal: a downcast must keep such fields`,
      );
  return { ...event, personal };
}

/** A request belongs to the business process that its messages start or continue. */
function metadataOf(origin: Origin, messages: readonly OutgoingMessage[]): EventMetadata {
  const [first] = messages;
  return origin.correlationId !== undefined || first === undefined
    ? origin
    : { ...origin, correlationId: first.correlationId };
}

/**
 * Those of these streams that exist although they were assumed to be new. An append checks that by itself; but a decision
 * that appended nothing, or was refused, depends on it as well.
 */
export async function wronglyNew(store: EventStore, streams: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set((await store.readMany(streams)).keys());
}
