/**
 * The pieces of one SKU. Each piece is counted in exactly one of the three, and a change for an order only moves pieces
 * between them. Receipts add available pieces, corrections remove available pieces.
 */
export interface StockLevels {
  /** In the warehouse, and not held by any order. */
  readonly available: number;
  /** In the warehouse, held by orders that are not confirmed yet. */
  readonly reserved: number;
  /** Held by confirmed orders. */
  readonly sold: number;
}

export const emptyLevels: StockLevels = { available: 0, reserved: 0, sold: 0 };

/** The pieces in the warehouse, reserved ones included. Only receipts and corrections change its sum with `sold`. */
export const onHandOf = ({ available, reserved }: StockLevels): number => available + reserved;

export const totalOf = (levels: StockLevels): number => onHandOf(levels) + levels.sold;

/** Moves pieces from one count to another. Callers have checked that there are enough: fewer is a broken invariant. */
export function move(
  levels: StockLevels,
  quantity: number,
  from: keyof StockLevels,
  to: keyof StockLevels,
): StockLevels {
  if (levels[from] < quantity) throw new Error(`cannot move ${quantity} of ${levels[from]} pieces from ${from}`);
  return { ...levels, [from]: levels[from] - quantity, [to]: levels[to] + quantity };
}
