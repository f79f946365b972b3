import type { Folded } from './aggregate.js';
import type { RecordedEvent } from './event-store.js';
import { reasonOf, type SetAsideEntry } from './set-asides.js';

/** An event that a read model cannot apply; its stream is set aside. */
export interface Refused {
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly error: unknown;
}

/** The event at which folding a stream has stopped, if it has. */
export const refusedIn = ({ refused }: Folded<unknown, RecordedEvent>): Refused | undefined =>
  refused === undefined ? undefined : { ...refused.event, error: refused.error };

/** In its stored form. */
export const entryOf = ({ stream, version, type, error }: Refused): SetAsideEntry => ({
  stream,
  position: String(version),
  reason: reasonOf(`event ${version} (${type}): ${reasonOf(error)}`),
});

/** Events grouped by stream, in their order. */
export function byStream<E extends RecordedEvent>(events: readonly E[]): Map<string, E[]> {
  const streams = new Map<string, E[]>();
  for (const event of events) {
    const of = streams.get(event.stream);
    if (of === undefined) streams.set(event.stream, [event]);
    else of.push(event);
  }
  return streams;
}
