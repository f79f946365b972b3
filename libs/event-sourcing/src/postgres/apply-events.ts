import type { PoolClient } from 'pg';
import type { Position } from '../event-store.js';
import { byStream, entryOf, type Refused } from '../projection.js';
import { PostgresEventStore } from './postgres-event-store.js';
import type { Projection } from './postgres-projection.js';
import { PostgresSetAsides } from './postgres-set-asides.js';

export const BEGINNING: Position = { tx: '0', seq: '0' };

export interface AppliedEvents {
  /** Number of events read, including those set aside. */
  readonly events: number;
  /** The last of them, or the position before. */
  readonly position: Position;
  readonly refused: readonly Refused[];
}

/**
 * Applies the events after a position, at most `limit`, except for streams that are set aside, and moves the checkpoint, in
 * the transaction of `client`. Read model, checkpoint and set-aside entries are those that its search path finds first.
 */
export async function applyEvents(
  client: PoolClient,
  projection: Projection,
  after: Position,
  limit: number,
): Promise<AppliedEvents> {
  const events = await new PostgresEventStore(client).readAll(projection.category, after, limit);
  const last = events.at(-1);
  if (last === undefined) return { events: 0, position: after, refused: [] };
  const asides = new PostgresSetAsides(client);
  const aside = await asides.among(projection.name, [...byStream(events).keys()]);
  const refused = await projection.apply(
    events.filter(({ stream }) => !aside.has(stream)),
    client,
  );
  await asides.add(projection.name, refused.map(entryOf));
  const { tx, seq } = last.position;
  await client.query('update projection set tx = $2::text::xid8, seq = $3 where name = $1', [projection.name, tx, seq]);
  return { events: events.length, position: last.position, refused };
}
