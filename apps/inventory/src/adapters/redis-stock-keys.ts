import type { RedisKeys } from '@seam/messaging/redis';
import type { Line, Receipt, Reservation } from '../domain/change.js';
import type { StockLevels } from '../domain/levels.js';

/** The keys of the stock in Redis. */
export class StockKeys {
  /** Orders whose reservation is neither sold nor released: sorted set, by the time of the reservation, ms. */
  readonly reserved: string;
  /** The tracked SKUs: sorted set, all with the score 0, so that they are sorted by their characters. */
  readonly skus: string;
  /** Set once `skus` also has the SKUs that were tracked before the set existed. */
  readonly skusComplete: string;

  constructor(private readonly keys: RedisKeys) {
    this.reserved = keys.of('reserved');
    this.skus = keys.of('skus');
    this.skusComplete = keys.of('skus-complete');
  }

  levels(sku: string): string {
    return this.keys.of('stock', sku);
  }

  reservation(orderId: string): string {
    return this.keys.of('reservation', orderId);
  }

  receipt(receiptId: string): string {
    return this.keys.of('receipt', receiptId);
  }
}

/** `available reserved sold`, such as `97 1 2`. */
export const levelsText = ({ available, reserved, sold }: StockLevels): string => `${available} ${reserved} ${sold}`;

export function levelsOf(text: string): StockLevels {
  const [available, reserved, sold] = text.split(' ').map(Number);
  if (available === undefined || reserved === undefined || sold === undefined)
    throw new Error(`invalid stock levels: ${text}`);
  return { available, reserved, sold };
}

/** Such as `sold [["MUG-BLUE",2]]`: there is one for each order ever reserved. */
export const reservationText = ({ state, lines }: Reservation): string =>
  `${state} ${JSON.stringify(lines.map(({ sku, quantity }) => [sku, quantity]))}`;

export function reservationOf(text: string): Reservation {
  const space = text.indexOf(' ');
  const lines = JSON.parse(text.slice(space + 1)) as [string, number][];
  return {
    state: text.slice(0, space) as Reservation['state'],
    lines: lines.map(([sku, quantity]): Line => ({ sku, quantity })),
  };
}

/** As stored: the field `onHand` holds the available pieces, as processes of an older version write and read it. */
type StoredReceipt = Omit<Receipt, 'levels'> & { readonly levels: Omit<StockLevels, 'available'> & { onHand: number } };

export function receiptText({ levels: { available, reserved, sold }, ...receipt }: Receipt): string {
  return JSON.stringify({ ...receipt, levels: { onHand: available, reserved, sold } } satisfies StoredReceipt);
}

export function receiptOf(text: string): Receipt {
  const { levels, ...receipt } = JSON.parse(text) as StoredReceipt;
  return { ...receipt, levels: { available: levels.onHand, reserved: levels.reserved, sold: levels.sold } };
}
