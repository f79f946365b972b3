import type { DomainEvent } from '../aggregate.js';
import type { RecordedEvent } from '../event-store.js';
import { byStream, entryOf, type Refused } from '../projection.js';
import type { MongoView } from './mongo-view.js';

/** A refused event, with the last version of its stream in the batch. */
export type Left = Refused & { readonly upTo: number };

/** Applies a batch to a generation, except for streams that are set aside; resolves with the events that cannot be applied. */
export async function applyToView<S, E extends DomainEvent>(
  view: MongoView<S, E>,
  generation: string,
  events: readonly RecordedEvent[],
  filling = false,
): Promise<readonly Left[]> {
  if (events.length === 0) return [];
  const streams = byStream(events);
  for (const stream of await view.asides.among(view.name, generation, [...streams.keys()]))
    if (await view.asides.leaveOut(view.name, generation, stream, lastOf(streams.get(stream)))) streams.delete(stream);
  const refused = await view.apply(generation, [...streams.values()].flat(), filling);
  return refused.map((one) => ({ ...one, upTo: lastOf(streams.get(one.stream)) }));
}

export async function setAsideIn<S, E extends DomainEvent>(
  view: MongoView<S, E>,
  generation: string,
  left: readonly Left[],
): Promise<void> {
  const entries = left.map(({ upTo, ...one }) => ({ ...entryOf(one), upTo }));
  await view.asides.addTo(view.name, generation, entries);
}

export const lastOf = (events: readonly RecordedEvent[] = []): number => events.at(-1)?.version ?? 0;
