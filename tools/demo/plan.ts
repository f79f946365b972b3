import { everydayKinds, everyKind, type Kind, lastOne, outOfStock } from './order-kinds.js';
import type { Line } from './api-types.js';

export interface PlannedOrder {
  readonly number: number;
  readonly kind: Kind;
  readonly lines: readonly Line[];
}

/** Orders that are placed at the same moment; mostly one. */
export type Burst = readonly PlannedOrder[];

export const SCARCE = 'LAST-ONE';
const COMPETITORS = 6;

export interface Range {
  /** SKUs with enough stock. */
  readonly skus: readonly string[];
  /** How many pieces there are of the scarce SKU; `undefined` if the shop does not sell it. */
  readonly scarce: number | undefined;
}

/** One order of each kind, then concurrent orders for the last piece, then frequent ones. */
export function planOrders(count: number, range: Range, withStaff: boolean): Burst[] {
  const singles = everyKind.filter((kind) => withStaff || kind.staffOnly !== true);
  const scarce = range.scarce ?? 0;
  const kinds: (Kind | 'race')[] = range.scarce === undefined ? [...singles] : [...singles, outOfStock, 'race'];
  const bursts: Burst[] = [];
  let number = 0;
  let taken = 0;
  const lines = (kind: Kind): Line[] => {
    if (kind === lastOne) return [{ sku: SCARCE, quantity: 1 }];
    if (kind === outOfStock) return [{ sku: SCARCE, quantity: scarce + 10 }];
    return Array.from({ length: kind.lines }, () => {
      taken += 1;
      return { sku: range.skus[taken % range.skus.length] ?? SCARCE, quantity: 1 + (taken % 3 === 0 ? 1 : 0) };
    });
  };
  const order = (kind: Kind): PlannedOrder => ({ number: ++number, kind, lines: lines(kind) });
  for (let next = 0; number < count; next += 1) {
    const kind = kinds[next] ?? everydayKinds[(next - kinds.length) % everydayKinds.length];
    if (kind === undefined) break;
    const competitors = Math.min(COMPETITORS, count - number);
    bursts.push(kind === 'race' ? Array.from({ length: competitors }, () => order(lastOne)) : [order(kind)]);
  }
  return bursts;
}

/** The pieces of each SKU that a plan may sell. */
export function demandOf(bursts: readonly Burst[]): Map<string, number> {
  const expectStatus = new Map<string, number>();
  for (const { kind, lines } of bursts.flat()) {
    if (kind === outOfStock || kind === lastOne) continue;
    for (const { sku, quantity } of lines) expectStatus.set(sku, (expectStatus.get(sku) ?? 0) + quantity);
  }
  return expectStatus;
}
