import { newId } from '@seam/kernel';
import { type Cause, type Committer, type Work, work } from '@seam/messaging';
import type { Line, StockChange, StockResult } from '../../domain/change.js';
import type { StockLevels } from '../../domain/levels.js';
import { type StockItem, StockKind, type StockReader, type StockSearch } from '../stock.js';

/** The stock as one process uses it. */
export interface StockProcess {
  readonly committer: Committer;
  readonly stock: StockReader;
}

export const line = (sku: string, quantity = 1): Line => ({ sku, quantity });
export const reserve = (orderId: string, ...lines: Line[]): StockChange => ({ type: 'reserve', orderId, lines });
export const sell = (orderId: string): StockChange => ({ type: 'sell', orderId });
export const release = (orderId: string): StockChange => ({ type: 'release', orderId });
export const expire = (orderId: string): StockChange => ({ type: 'expire', orderId });
export const receipt = (sku: string, quantity: number): StockChange & { type: 'receive' } => ({
  type: 'receive',
  receiptId: newId(),
  sku,
  quantity,
});

export const correction = (sku: string, quantity: number): StockChange & { type: 'correct' } => ({
  type: 'correct',
  receiptId: newId(),
  sku,
  quantity,
  reason: 'broken',
  by: 'staff',
});

/** Applies changes in two processes with one stock. */
export class StockDriver {
  constructor(private readonly processes: readonly [StockProcess, StockProcess]) {}

  commit(change: StockChange, process: 0 | 1 = 0): Promise<StockResult> {
    return this.processes[process].committer.commit(asWork(change));
  }

  /** Each change by the other process than the one before it, all at once. */
  commitAll(changes: readonly StockChange[]): Promise<StockResult[]> {
    return Promise.all(changes.map((change, index) => this.commit(change, index % 2 === 0 ? 0 : 1)));
  }

  handle(change: StockChange, cause: Cause, process: 0 | 1 = 0): Promise<'done' | 'duplicate'> {
    return this.processes[process].committer.handle(asWork(change), cause);
  }

  /** Starts to track a SKU, with so many available pieces. */
  async have(sku: string, quantity: number): Promise<void> {
    await this.commit({ type: 'open', sku });
    await this.commit(receipt(sku, quantity));
  }

  overdue(before: Date, limit: number): Promise<string[]> {
    return this.processes[1].stock.overdue(before, limit);
  }

  list(search: StockSearch): Promise<StockItem[]> {
    return this.processes[1].stock.list(search);
  }

  levels(sku: string): Promise<StockLevels | undefined> {
    return this.processes[1].stock.find(sku);
  }
}

const asWork = (change: StockChange): Work<StockResult> =>
  work(StockKind, change, (result) => ({ value: result, messages: [] }));

/** The number of each outcome, of refusals by their code. */
export function outcomes(results: readonly StockResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) {
    const key = result.outcome === 'refused' ? result.code : result.outcome;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
