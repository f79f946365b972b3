import { type BatchContext, type Plan, Rejected, type WorkAdapter } from '@seam/messaging';
import { type DomainEvent, fold, type StreamRef, streamOf } from '../aggregate.js';
import type { EventStore, StreamAppend } from '../event-store.js';
import type { EventWorkInput, EventWorkResult } from '../event-work.js';
import { type Known, StateCache } from '../state-cache.js';
import { appendFragment } from './postgres-event-store.js';

/** A stream in the course of a batch: its state after the batch's earlier decisions, and what they append. */
interface Open extends Known {
  readonly stream: string;
  readonly expectedVersion: number;
  readonly appended: readonly DomainEvent[];
}

/**
 * Decides a batch's event works one after the other, each on the states its predecessors left, and appends all events
 * by one statement. Streams are read together, and only those not in the cache.
 */
export class EventWorkAdapter implements WorkAdapter<EventWorkInput, EventWorkResult> {
  readonly #cache: StateCache;

  /**
   * @param cached streams kept in memory; 0 where other processes append to the same store
   * @param appended told after each commit that appended something
   */
  constructor(
    private readonly store: EventStore,
    cached: number,
    private readonly appended: () => void = () => undefined,
  ) {
    this.#cache = new StateCache(cached);
  }

  async plan(inputs: readonly EventWorkInput[], batch: BatchContext): Promise<Plan<EventWorkResult>> {
    const open = await this.#open(inputs, batch.retried);
    const results = inputs.map((input) => decideOne(input, open));
    const changed = [...open.values()].filter(({ appended }) => appended.length > 0);
    return {
      results,
      writes: [appendFragment(changed.map(toAppend))],
      committed: () => {
        for (const { stream, state, version } of changed) this.#cache.set(stream, { state, version });
        if (changed.length > 0) this.appended();
      },
      aborted: () => {
        for (const stream of open.keys()) this.#cache.delete(stream);
      },
    };
  }

  async #open(inputs: readonly EventWorkInput[], retried: boolean): Promise<Map<string, Open>> {
    const refs = new Map<string, StreamRef>();
    for (const input of inputs)
      for (const ref of Object.values(input.streams)) refs.set(streamOf(ref.aggregate, ref.id), ref);
    const known = new Map<string, Known>();
    for (const [stream, ref] of refs) {
      const state = retried ? undefined : this.#assumed(stream, ref);
      if (state !== undefined) known.set(stream, state);
    }
    const read = await this.store.readMany([...refs.keys()].filter((stream) => !known.has(stream)));
    return new Map(
      [...refs].map(([stream, { aggregate }]) => {
        const events = read.get(stream) ?? [];
        const { state, version } = known.get(stream) ?? {
          state: fold(aggregate, events),
          version: events.at(-1)?.version ?? 0,
        };
        return [stream, { stream, state, version, expectedVersion: version, appended: [] }];
      }),
    );
  }

  #assumed(stream: string, ref: StreamRef): Known | undefined {
    return this.#cache.get(stream) ?? (ref.expectedNew ? { state: ref.aggregate.initial, version: 0 } : undefined);
  }
}

function decideOne({ streams, decide }: EventWorkInput, open: Map<string, Open>): EventWorkResult | Rejected {
  try {
    const refs = Object.entries(streams);
    const states = Object.fromEntries(
      refs.map(([key, ref]) => [key, open.get(streamOf(ref.aggregate, ref.id))?.state]),
    );
    const { events = {}, messages = [], value } = decide(states);
    // All of its streams, or none: an event that its aggregate refuses leaves nothing behind.
    const after = new Map<string, Open>();
    for (const [key, ref] of refs) append(open, after, ref, events[key] ?? []);
    for (const [stream, state] of after) open.set(stream, state);
    return { value, messages };
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

const toAppend = ({ stream, expectedVersion, appended }: Open): StreamAppend => ({
  stream,
  expectedVersion,
  events: appended,
});
