import { type BatchContext, ConflictError, type Plan, Rejected, type WorkAdapter } from '@seam/messaging';
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
  /** It was not read, because it is expected to be new. */
  readonly assumedNew: boolean;
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
    await this.#confirmNew([...open.values()]);
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

  /** An append checks by itself that a stream is new; a decision that only looked, or was refused, rests on it as well. */
  async #confirmNew(open: readonly Open[]): Promise<void> {
    const unchecked = open.filter(({ assumedNew, appended }) => assumedNew && appended.length === 0);
    const found = await this.store.readMany(unchecked.map(({ stream }) => stream));
    for (const stream of found.keys()) throw new ConflictError(`stream ${stream} is not new`);
  }

  async #open(inputs: readonly EventWorkInput[], retried: boolean): Promise<Map<string, Open>> {
    const refs = new Map<string, StreamRef>();
    for (const input of inputs)
      for (const ref of Object.values(input.streams)) {
        const stream = streamOf(ref.aggregate, ref.id);
        // New only where all of the batch expect it to be.
        if (refs.get(stream)?.expectedNew !== false)
          refs.set(stream, { ...ref, expectedNew: ref.expectedNew === true });
      }
    const known = new Map<string, Known>();
    const assumedNew = new Set<string>();
    for (const [stream, { aggregate, expectedNew }] of refs) {
      const state = retried ? undefined : this.#cache.get(stream);
      if (state !== undefined) known.set(stream, state);
      else if (!retried && expectedNew === true) {
        known.set(stream, { state: aggregate.initial, version: 0 });
        assumedNew.add(stream);
      }
    }
    const read = await this.store.readMany([...refs.keys()].filter((stream) => !known.has(stream)));
    return new Map(
      [...refs].map(([stream, { aggregate }]) => {
        const events = read.get(stream) ?? [];
        const { state, version } = known.get(stream) ?? {
          state: fold(aggregate, events),
          version: events.at(-1)?.version ?? 0,
        };
        const isNew = assumedNew.has(stream);
        return [stream, { stream, state, version, expectedVersion: version, appended: [], assumedNew: isNew }];
      }),
    );
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
