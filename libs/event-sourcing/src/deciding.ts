import { Rejected } from '@seam/messaging';
import { type DomainEvent, fold, type StreamRef, streamOf } from './aggregate.js';
import type { EventStore } from './event-store.js';
import type { EventWorkInput, EventWorkResult } from './event-work.js';
import type { Known, StateCache } from './state-cache.js';
import { readStream, type UnreadableObserver, type UnreadableStreamError } from './unreadable.js';

/** A stream in the course of a batch: its state after the batch's earlier decisions, and what they append. */
export interface Open extends Known {
  readonly stream: string;
  readonly expectedVersion: number;
  readonly appended: readonly DomainEvent[];
  /** It was not read, because it is expected to be new. */
  readonly assumedNew: boolean;
  /** Its events do not add up to a state: whatever needs it is refused, and nothing else of the batch. */
  readonly unreadable?: UnreadableStreamError;
}

/** Who is told of what becomes of event works. */
export interface EventWorkHooks {
  /** Of each commit that appended something. */
  readonly appended?: () => void;
  readonly unreadable?: UnreadableObserver;
}

/** What one input comes to, and its streams as its events leave them. */
export interface Decided {
  readonly result: EventWorkResult;
  readonly after: ReadonlyMap<string, Open>;
}

export interface EventInput {
  readonly input: EventWorkInput;
  /** It has conflicted before: nothing is assumed of its streams now. */
  readonly retried: boolean;
}

export const streamsOf = ({ streams }: Pick<EventWorkInput, 'streams'>): string[] =>
  Object.values(streams).map(({ aggregate, id }) => streamOf(aggregate, id));

/** The streams of a batch's inputs, read together but for those that are known, or expected to be new. */
export async function openStreams(
  store: EventStore,
  inputs: readonly EventInput[],
  { unreadable: tell = () => undefined }: EventWorkHooks,
  cache?: StateCache,
): Promise<Map<string, Open>> {
  const refs = new Map<string, StreamRef>();
  const retried = new Set<string>();
  for (const one of inputs)
    for (const ref of Object.values(one.input.streams)) {
      const stream = streamOf(ref.aggregate, ref.id);
      if (one.retried) retried.add(stream);
      // New only where all of the batch expect it to be.
      if (refs.get(stream)?.expectedNew !== false) refs.set(stream, { ...ref, expectedNew: ref.expectedNew === true });
    }
  const known = new Map<string, Known & Pick<Open, 'unreadable'>>();
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
  const read = await store.readMany([...refs.keys()].filter((stream) => !known.has(stream)));
  return new Map(
    [...refs].map(([stream, { aggregate }]) => {
      const isNew = assumedNew.has(stream);
      const { state, version, unreadable } = known.get(stream) ?? readStream(aggregate, stream, read.get(stream) ?? []);
      if (unreadable !== undefined) tell(unreadable);
      const broken = unreadable === undefined ? {} : { unreadable };
      return [stream, { stream, state, version, expectedVersion: version, appended: [], assumedNew: isNew, ...broken }];
    }),
  );
}

/** Decides one input on its streams as they are open. Changes nothing: `after` says what it makes of them. */
export function decideOne({ streams, decide }: EventWorkInput, open: ReadonlyMap<string, Open>): Decided | Rejected {
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
    // All of its streams, or none: an event that its aggregate refuses leaves nothing behind.
    const after = new Map<string, Open>();
    for (const [key, ref] of refs) append(open, after, ref, events[key] ?? []);
    return { result: { value, messages }, after };
  } catch (error) {
    return new Rejected(error);
  }
}

function append(
  open: ReadonlyMap<string, Open>,
  after: Map<string, Open>,
  { aggregate, id }: StreamRef,
  events: readonly DomainEvent[],
): void {
  if (events.length === 0) return;
  const stream = streamOf(aggregate, id);
  const before = after.get(stream) ?? open.get(stream);
  if (before === undefined) throw new Error(`stream ${stream} was not read`);
  after.set(stream, {
    ...before,
    state: fold(aggregate, events, before.state),
    version: before.version + events.length,
    appended: [...before.appended, ...events],
  });
}

/**
 * Those of these streams that are there although they were assumed to be new. An append checks that by itself; a
 * decision that only looked, or was refused, rests on it as well.
 */
export async function wronglyNew(store: EventStore, streams: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set((await store.readMany(streams)).keys());
}
