import type { StreamPosition } from '../stream-position.js';
import type { ProjectionClient } from './postgres-projection.js';

/** Whether an event is at a projection's checkpoint or before it; undefined if there is no such event. */
export async function isReached(
  client: ProjectionClient,
  { stream, version }: StreamPosition,
  projection: string,
): Promise<boolean | undefined> {
  const { rows } = await client.query<{ reached: boolean }>(
    `select coalesce((p.tx, p.seq) >= (e.tx, e.seq), false) as reached
     from events e left join projection p on p.name = $3 where e.stream = $1 and e.version = $2`,
    [stream, version, projection],
  );
  return rows[0]?.reached;
}
