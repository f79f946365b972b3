import { snapshotsOf, type StreamRef, streamOf } from './aggregate.js';
import type { EventStore, StreamHistory } from './event-store.js';
import type { SnapshotWriter } from './snapshots.js';
import { readStream, type UnreadableStreamError } from './unreadable-stream.js';

type Loading = Pick<EventStore, 'readMany' | 'readSince'>;

/** A stream's state and version, and the problem if its events cannot be folded. */
export interface Loaded {
  readonly state: unknown;
  readonly version: number;
  readonly unreadable?: UnreadableStreamError;
}

/**
 * The current states of these streams, by their names. A stream whose aggregate has snapshots is read from the last one; if that
 * does not fit its events, it is read from its first event.
 */
export async function loadStreams(
  store: Loading,
  refs: readonly StreamRef[],
  snapshots?: SnapshotWriter,
): Promise<Map<string, Loaded>> {
  const whole = refs.filter(({ aggregate }) => snapshotsOf(aggregate) === undefined);
  const since = refs.filter(({ aggregate }) => snapshotsOf(aggregate) !== undefined);
  const [events, histories] = await Promise.all([
    store.readMany(whole.map(nameOf)),
    since.length === 0
      ? new Map<string, StreamHistory>()
      : store.readSince(since.map((ref) => ({ stream: nameOf(ref), shape: snapshotsOf(ref.aggregate)?.version ?? 0 }))),
  ]);
  const loaded = new Map<string, Loaded>();
  for (const ref of whole)
    loaded.set(nameOf(ref), readStream(ref.aggregate, nameOf(ref), events.get(nameOf(ref)) ?? []));
  const notMatching: StreamRef[] = [];
  for (const ref of since) {
    const { snapshot, events: later } = histories.get(nameOf(ref)) ?? { events: [] };
    const read = readStream(ref.aggregate, nameOf(ref), later, snapshot);
    if (snapshot !== undefined && read.unreadable !== undefined) notMatching.push(ref);
    else loaded.set(nameOf(ref), read);
    if (read.unreadable === undefined) offer(ref, read, snapshot?.version ?? 0, snapshots);
  }
  if (notMatching.length > 0) {
    const again = await store.readMany(notMatching.map(nameOf));
    for (const ref of notMatching) {
      const read = readStream(ref.aggregate, nameOf(ref), again.get(nameOf(ref)) ?? []);
      loaded.set(nameOf(ref), read);
      // It replaces the snapshot, which is of an earlier event.
      if (read.unreadable === undefined) offer(ref, read, 0, snapshots);
    }
  }
  return loaded;
}

const nameOf = ({ aggregate, id }: StreamRef): string => streamOf(aggregate, id);

function offer(ref: StreamRef, { state, version }: Loaded, since: number, snapshots: SnapshotWriter | undefined): void {
  const policy = snapshotsOf(ref.aggregate);
  if (policy !== undefined) snapshots?.offer(policy, { stream: nameOf(ref), state, version, since });
}
