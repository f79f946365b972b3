/**
 * The pieces of one SKU, by where they are. Every change of an order moves pieces: none is ever
 * lost or made. Receipts take new ones in, corrections take off what is gone.
 */
export interface StockLevels {
  /** Free to be reserved. */
  readonly onHand: number;
  /** Held by orders that are not confirmed yet. */
  readonly reserved: number;
  /** Held by confirmed orders. */
  readonly sold: number;
}

export const emptyLevels: StockLevels = { onHand: 0, reserved: 0, sold: 0 };

export const totalOf = ({ onHand, reserved, sold }: StockLevels): number => onHand + reserved + sold;

/** Moves pieces from one place to another. Callers have made sure that they are there: fewer is a broken invariant. */
export function move(
  levels: StockLevels,
  quantity: number,
  from: keyof StockLevels,
  to: keyof StockLevels,
): StockLevels {
  if (levels[from] < quantity) throw new Error(`cannot move ${quantity} of ${levels[from]} pieces from ${from}`);
  return { ...levels, [from]: levels[from] - quantity, [to]: levels[to] + quantity };
}
