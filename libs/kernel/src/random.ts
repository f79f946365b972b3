import { randomFillSync } from 'node:crypto';

const STOCK_BYTES = 4_096;

let stock = Buffer.alloc(0);

/** Random bytes, each given out once, from a stock: asking the system for a few costs as much as for many. At most 4 KB. */
export function takeRandom(count: number): Buffer {
  if (stock.length < count) stock = randomFillSync(Buffer.allocUnsafeSlow(STOCK_BYTES));
  const taken = stock.subarray(0, count);
  stock = stock.subarray(count);
  return taken;
}
