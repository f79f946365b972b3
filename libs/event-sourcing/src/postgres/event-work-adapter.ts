import type { BatchContext, Plan, WorkAdapter } from '@seam/messaging/postgres';
import { ConflictError, type Origin, Rejected } from '@seam/messaging';
import { snapshotsOf, type SnapshotPolicy, type StreamRef, streamOf } from '../aggregate.js';
import { decideOne, type EventWorkHooks, type Open, openStreams, wronglyNew } from '../deciding.js';
import type { EventStore } from '../event-store.js';
import type { EventWorkInput, EventWorkResult } from '../event-work.js';
import { encrypted } from '../personal-data.js';
import { StateCache } from '../state-cache.js';
import { appendFragment, type RowsAppend } from './postgres-event-store.js';

/**
 * Decides a batch's event works one after the other, each on the states after its predecessors, and appends all events by one
 * statement. All streams that are not cached are read together.
 */
export class EventWorkAdapter implements WorkAdapter<EventWorkInput, EventWorkResult> {
  readonly #cache: StateCache;

  /** @param cached maximum number of streams to cache; 0 if other processes append to the same store */
  constructor(
    private readonly store: EventStore,
    cached: number,
    private readonly hooks: EventWorkHooks = {},
  ) {
    this.#cache = new StateCache(cached);
  }

  async plan(
    inputs: readonly EventWorkInput[],
    batch: BatchContext,
    origins: readonly Origin[],
  ): Promise<Plan<EventWorkResult>> {
    const { retried } = batch;
    const open = await openStreams(
      this.store,
      inputs.map((input, index) => ({ input, retried, origin: origins[index] ?? {} })),
      this.hooks,
      this.#cache,
    );
    const results = inputs.map((input, index) => {
      const decided = decideOne(input, origins[index] ?? {}, open);
      if (decided instanceof Rejected) return decided;
      for (const [stream, state] of decided.after) open.set(stream, state);
      return decided.result;
    });
    await this.#confirmNew([...open.values()]);
    const changed = [...open.values()].filter(({ appended }) => appended.length > 0);
    return {
      results,
      writes: [appendFragment(await encrypted(changed.map(toAppend), this.store.personalKeys))],
      committed: () => {
        const settled = settledStreams(inputs, open);
        const personal = personalStreams(inputs);
        for (const { stream, state, version } of changed)
          if (settled.has(stream) || personal.has(stream)) this.#cache.delete(stream);
          else this.#cache.set(stream, { state, version });
        this.#offerSnapshots(inputs, changed);
        if (changed.length > 0) this.hooks.appended?.();
      },
      aborted: () => {
        for (const stream of open.keys()) this.#cache.delete(stream);
      },
    };
  }

  /** The states of cached streams, which are not read again: one for each multiple of so many events. */
  #offerSnapshots(inputs: readonly EventWorkInput[], changed: readonly Open[]): void {
    const { snapshots } = this.hooks;
    if (snapshots === undefined || !this.#cache.on) return;
    const policies = new Map<string, SnapshotPolicy>();
    for (const { streams } of inputs)
      for (const { aggregate, id } of Object.values(streams)) {
        const policy = snapshotsOf(aggregate);
        if (policy !== undefined) policies.set(streamOf(aggregate, id), policy);
      }
    if (policies.size === 0) return;
    for (const { stream, state, version, expectedVersion } of changed) {
      const policy = policies.get(stream);
      if (policy === undefined) continue;
      const since = expectedVersion - (expectedVersion % policy.every);
      snapshots.offer(policy, { stream, state, version, since });
    }
  }

  async #confirmNew(open: readonly Open[]): Promise<void> {
    const unchecked = open.filter(({ assumedNew, appended }) => assumedNew && appended.length === 0);
    const wrong = await wronglyNew(
      this.store,
      unchecked.map(({ stream }) => stream),
    );
    for (const stream of wrong) throw new ConflictError(`stream ${stream} is not new`);
  }
}

/**
 * The streams of the inputs whose streams are all settled. A settled stream stays cached while the other one of its work goes
 * on, because the next work then needs both, such as an order's saga that has a step left after the order is confirmed.
 */
function settledStreams(inputs: readonly EventWorkInput[], open: ReadonlyMap<string, Open>): ReadonlySet<string> {
  const settled = new Set<string>();
  for (const { streams } of inputs) {
    const refs = Object.values(streams);
    const isSettled = ({ aggregate, id }: StreamRef): boolean =>
      aggregate.settled?.(open.get(streamOf(aggregate, id))?.state) === true;
    if (refs.every(isSettled)) for (const { aggregate, id } of refs) settled.add(streamOf(aggregate, id));
  }
  return settled;
}

/** Streams with personal data: their states are never cached, so that nothing of a forgotten person is decided on. */
const personalStreams = (inputs: readonly EventWorkInput[]): ReadonlySet<string> =>
  new Set(
    inputs.flatMap(({ streams }) =>
      Object.values(streams).flatMap(({ aggregate, id }) =>
        aggregate.personal === undefined ? [] : [streamOf(aggregate, id)],
      ),
    ),
  );

const toAppend = ({ stream, expectedVersion, appended }: Open): RowsAppend => ({
  stream,
  expectedVersion,
  events: appended,
});
