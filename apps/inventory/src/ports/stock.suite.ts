import { newId } from '@seam/kernel';
import { type Cause, type Committer, type Work, work } from '@seam/messaging';
import type { Line, StockChange, StockResult } from '../domain/change.js';
import { type StockLevels, totalOf } from '../domain/levels.js';
import { StockKind, type StockReader } from './stock.js';

/** One process's way to the stock. */
export interface StockProcess {
  readonly committer: Committer;
  readonly stock: StockReader;
}

/** Two processes over one empty stock. */
export type StockProcesses = readonly [StockProcess, StockProcess];

const line = (sku: string, quantity = 1): Line => ({ sku, quantity });
const cause = (): Cause => ({ messageId: newId(), handler: 'test/stock', correlationId: newId() });
const outcomes = (results: readonly StockResult[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const result of results) {
    const key = result.outcome === 'refused' ? result.code : result.outcome;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
};

/** What every adapter of the stock port keeps; `setUp` is called before each test. */
export function describeStock(adapter: string, setUp: () => Promise<StockProcesses>): void {
  describe(`the stock in ${adapter}`, () => {
    let processes: StockProcesses;
    const asWork = (change: StockChange): Work<StockResult> =>
      work(StockKind, change, (result) => ({ value: result, messages: [] }));
    const commit = (change: StockChange, process = 0): Promise<StockResult> =>
      processes[process === 0 ? 0 : 1].committer.commit(asWork(change));
    /** Each change by the other process than the one before it, all at once. */
    const commitAll = (changes: readonly StockChange[]): Promise<StockResult[]> =>
      Promise.all(changes.map((change, index) => commit(change, index % 2)));
    const levels = (sku: string): Promise<StockLevels | undefined> => processes[1].stock.find(sku);
    const reserve = (orderId: string, ...lines: Line[]): StockChange => ({ type: 'reserve', orderId, lines });
    const sell = (orderId: string): StockChange => ({ type: 'sell', orderId });
    const release = (orderId: string): StockChange => ({ type: 'release', orderId });
    const have = async (sku: string, quantity: number): Promise<void> => {
      await commit({ type: 'open', sku });
      if (quantity > 0) await commit({ type: 'receive', receiptId: newId(), sku, quantity });
    };

    beforeEach(async () => {
      processes = await setUp();
    });

    it('reserves every line or none, adding up lines of one SKU', async () => {
      await have('A', 5);
      await have('B', 1);
      expect(await commit(reserve('o1', line('A', 2), line('B', 2)))).toMatchObject({
        code: 'OUT_OF_STOCK',
        reason: expect.stringContaining('B'),
      });
      expect(await commit(reserve('o2', line('A', 3), line('A', 3)))).toMatchObject({ code: 'OUT_OF_STOCK' });
      expect(await commit(reserve('o3', line('A', 2), line('B'), line('A', 3)))).toEqual({ outcome: 'done' });
      expect(await levels('A')).toEqual({ onHand: 0, reserved: 5, sold: 0 });
      expect(await levels('B')).toEqual({ onHand: 0, reserved: 1, sold: 0 });
    });

    it('refuses an unknown SKU by its name, and keeps no stock of it', async () => {
      expect(await commit(reserve('o1', line('GHOST')))).toMatchObject({ reason: expect.stringContaining('GHOST') });
      expect(await levels('GHOST')).toBeUndefined();
    });

    it('moves what an order holds to sold, once, and back from there', async () => {
      await have('A', 3);
      await commit(reserve('o1', line('A', 2)));
      await commit(sell('o1'));
      await commit(sell('o1'));
      expect(await levels('A')).toEqual({ onHand: 1, reserved: 0, sold: 2 });
      await commit(release('o1'));
      await commit(release('o1'));
      await commit(sell('o1'));
      expect(await levels('A')).toEqual({ onHand: 3, reserved: 0, sold: 0 });
    });

    it('puts back what is only reserved, and sells nothing of it later', async () => {
      await have('A', 3);
      await commit(reserve('o1', line('A', 2)));
      await commit(release('o1'));
      await commit(sell('o1'));
      expect(await levels('A')).toEqual({ onHand: 3, reserved: 0, sold: 0 });
    });

    it('sells nothing for an order it does not know', async () => {
      expect(await commit(sell('o1'))).toEqual({ outcome: 'done' });
      await have('A', 1);
      expect(await commit(reserve('o1', line('A')))).toEqual({ outcome: 'done' });
    });

    it('refuses a reservation that comes after its release', async () => {
      await have('A', 1);
      expect(await commit(release('o1'))).toEqual({ outcome: 'done' });
      expect(await commit(reserve('o1', line('A')))).toMatchObject({ outcome: 'refused', code: 'RELEASED' });
      expect(await levels('A')).toEqual({ onHand: 1, reserved: 0, sold: 0 });
    });

    it('answers a repeated reservation without taking more, even with nothing left', async () => {
      await have('A', 1);
      const results = await commitAll(Array.from({ length: 10 }, () => reserve('o1', line('A'))));
      expect(outcomes(results)).toEqual({ done: 10 });
      expect(await levels('A')).toEqual({ onHand: 0, reserved: 1, sold: 0 });
    });

    it('handles a message once, however often and wherever it comes', async () => {
      await have('A', 10);
      const once = cause();
      const [a, b] = processes;
      const handle = (orderId: string, { committer }: StockProcess): Promise<string> =>
        committer.handle(asWork(reserve(orderId, line('A'))), once);
      const answers = await Promise.all([handle('o1', a), handle('o1', b), handle('o1', a), handle('o1', b)]);
      expect(answers.sort()).toEqual(['done', 'duplicate', 'duplicate', 'duplicate']);
      // Its identity is what makes it a duplicate, not its content.
      expect(await handle('o2', a)).toBe('duplicate');
      expect(await levels('A')).toEqual({ onHand: 9, reserved: 1, sold: 0 });
    });

    it('gives the last piece to one of twenty', async () => {
      await have('LAST', 1);
      const results = await commitAll(Array.from({ length: 20 }, (_, i) => reserve(`o${i}`, line('LAST'))));
      expect(outcomes(results)).toEqual({ done: 1, OUT_OF_STOCK: 19 });
      expect(await levels('LAST')).toEqual({ onHand: 0, reserved: 1, sold: 0 });
    });

    it('sells ten pieces to ten of a thousand', async () => {
      await have('TEN', 10);
      const results = await commitAll(Array.from({ length: 1_000 }, (_, i) => reserve(`o${i}`, line('TEN'))));
      expect(outcomes(results)).toEqual({ done: 10, OUT_OF_STOCK: 990 });
      expect(await levels('TEN')).toEqual({ onHand: 0, reserved: 10, sold: 0 });
    });

    it('serves orders that cross each other, in whatever order they name their SKUs', async () => {
      await Promise.all(['A', 'B', 'C'].map((sku) => have(sku, 100)));
      const crossing = Array.from({ length: 200 }, (_, i) => {
        const skus = i % 2 === 0 ? ['A', 'B', 'C'] : ['C', 'B', 'A'];
        return reserve(`o${i}`, ...skus.map((sku) => line(sku)));
      });
      expect(outcomes(await commitAll(crossing))).toEqual({ done: 100, OUT_OF_STOCK: 100 });
      for (const sku of ['A', 'B', 'C']) expect(await levels(sku)).toEqual({ onHand: 0, reserved: 100, sold: 0 });
    });

    it('neither loses nor makes a piece while orders come, are sold and are released all at once', async () => {
      await Promise.all(['A', 'B'].map((sku) => have(sku, 30)));
      const changes = Array.from({ length: 60 }, (_, i) => [
        reserve(`o${i}`, line('A', 1 + (i % 3)), line('B')),
        sell(`o${i}`),
        ...(i % 2 === 0 ? [release(`o${i}`)] : []),
      ]).flat();
      await commitAll(changes);
      for (const sku of ['A', 'B']) {
        const now = await levels(sku);
        expect(now === undefined ? 0 : totalOf(now)).toBe(30);
      }
      await commitAll(Array.from({ length: 60 }, (_, i) => release(`o${i}`)));
      for (const sku of ['A', 'B']) expect(await levels(sku)).toEqual({ onHand: 30, reserved: 0, sold: 0 });
    });

    it('leaves nothing held where a reservation and its release meet, whichever comes first', async () => {
      await Promise.all(['A', 'B'].map((sku) => have(sku, 50)));
      const orders = Array.from({ length: 40 }, (_, i) => `o${i}`);
      const released = orders.map((orderId) => commit(release(orderId), 1));
      const reserved = orders.map((orderId) => commit(reserve(orderId, line('A'), line('B')), 0));
      expect(outcomes(await Promise.all(released))).toEqual({ done: 40 });
      await Promise.all(reserved);
      for (const sku of ['A', 'B']) expect(await levels(sku)).toEqual({ onHand: 50, reserved: 0, sold: 0 });
    });

    it('takes a receipt in once, and answers its repetition as before', async () => {
      await have('A', 1);
      const receipt: StockChange = { type: 'receive', receiptId: newId(), sku: 'A', quantity: 5 };
      const first = await commitAll([receipt, receipt, receipt]);
      await commit(reserve('o1', line('A', 4)));
      expect(await commit(receipt)).toEqual({ outcome: 'received', levels: { onHand: 6, reserved: 0, sold: 0 } });
      expect(first).toEqual(Array.from({ length: 3 }, () => first[0]));
      expect(await commit({ ...receipt, quantity: 6 })).toEqual({ outcome: 'receipt-reused' });
      expect(await levels('A')).toEqual({ onHand: 2, reserved: 4, sold: 0 });
    });

    it('takes nothing in for a SKU of which no stock is kept', async () => {
      const receipt: StockChange = { type: 'receive', receiptId: newId(), sku: 'A', quantity: 5 };
      expect(await commit(receipt)).toEqual({ outcome: 'unknown-sku' });
      await commit({ type: 'open', sku: 'A' });
      expect(await commit(receipt)).toMatchObject({ outcome: 'received' });
    });

    it('opens a SKU once, and keeps what is there', async () => {
      await commitAll(Array.from({ length: 6 }, () => ({ type: 'open', sku: 'A' })));
      await have('A', 7);
      expect(await commit({ type: 'open', sku: 'A' })).toEqual({ outcome: 'done' });
      expect(await levels('A')).toEqual({ onHand: 7, reserved: 0, sold: 0 });
    });
  });
}
