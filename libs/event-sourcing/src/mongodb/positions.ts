import { STREAM_VERSIONS } from '@seam/messaging/mongodb';
import type { MongoDatabase } from '@seam/persistence/mongodb';
import type { Position } from '../event-store.js';
import type { StreamPosition } from '../stream-position.js';
import {
  EVENT_COMMITS,
  EVENT_ORDER,
  type EventCommit,
  type OrderDocument,
  streamVersionOf,
  UNSEQUENCED,
} from './collections.js';

/** `tx` is the segment's number, `seq` the commit's index in the segment and the event's index in the commit. */
export function parsed({ tx, seq }: Position): { segment: number; commit: number; event: number } {
  const [commit, event] = seq.split('.').map(Number);
  return { segment: Number(tx), commit: commit ?? 0, event: event ?? -1 };
}

/** Whether a position comes before another one. */
export function isBefore(a: Position, b: Position): boolean {
  const [one, other] = [parsed(a), parsed(b)];
  if (one.segment !== other.segment) return one.segment < other.segment;
  if (one.commit !== other.commit) return one.commit < other.commit;
  return one.event < other.event;
}

/**
 * Whether an event is at a checkpoint's position or before it; undefined if there is no such event. Reads the segments from
 * that of the checkpoint on: a commit that has its place, but in none of them, has it in an earlier one.
 */
export async function isReached(
  database: Pick<MongoDatabase, 'collection'>,
  { stream, version }: StreamPosition,
  checkpoint: Position | undefined,
): Promise<boolean | undefined> {
  const wanted = streamVersionOf(stream, version);
  const commit = await database
    .collection<EventCommit>(EVENT_COMMITS)
    .findOne({ [STREAM_VERSIONS]: wanted }, { projection: { [STREAM_VERSIONS]: 1, [UNSEQUENCED]: 1 } });
  if (commit === null) return undefined;
  if (checkpoint === undefined || commit[UNSEQUENCED] === true) return false;
  const { segment } = parsed(checkpoint);
  const found = await database
    .collection<OrderDocument>(EVENT_ORDER)
    .findOne({ _id: { $gte: segment }, commits: commit._id });
  if (found === null) return true;
  const event = (commit[STREAM_VERSIONS] ?? []).indexOf(wanted);
  const at = { tx: String(found._id), seq: `${found.commits.indexOf(commit._id)}.${event}` };
  return !isBefore(checkpoint, at);
}
