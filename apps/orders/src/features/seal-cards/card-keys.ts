import type { CardKeyPublished } from '@seam/contracts';
import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import type { DataOf } from '@seam/messaging/contract';

export type CardKey = DataOf<typeof CardKeyPublished>;
type CardKeyKnown = DomainEvent<'card-key-known', CardKey>;

interface KnownKeys {
  readonly newest?: CardKey;
}

/** The id of the one stream of {@link CardKeys}. */
export const KNOWN_KEYS = 'payments';

/** The public keys that payments has published; kept as events, so that they are stored on the engine of the service. */
export const CardKeys: Aggregate<KnownKeys, CardKeyKnown> = {
  category: 'cardkeys',
  initial: {},
  evolve: (_, { data }) => ({ newest: data }),
};

/** Keys may be published again, and come in any order: only a newer one than the known ones is an event. */
export const know = ({ newest }: KnownKeys, key: CardKey, at: string): CardKeyKnown[] =>
  newest !== undefined && newest.createdAt >= key.createdAt ? [] : [{ type: 'card-key-known', at, data: key }];
