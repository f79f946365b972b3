import { newId } from '@seam/kernel';
import { line, outcomes, reserve, type StockDriver, upTo } from './driver.js';

/** Many orders for the same pieces at once, in two processes. */
export function contention(driver: () => StockDriver): void {
  it('answers a repeated reservation without taking more pieces, even if none is left', async () => {
    await driver().have('A', 1);
    const results = await driver().commitAll(upTo(10).map(() => reserve('o1', line('A'))));
    expect(outcomes(results)).toEqual({ done: 10 });
    expect(await driver().levels('A')).toEqual({ available: 0, reserved: 1, sold: 0 });
  });

  it('handles a message once, however often and in whichever process it arrives', async () => {
    await driver().have('A', 10);
    const cause = { messageId: newId(), handler: 'test/stock', correlationId: 'o1' };
    const twice = [0, 1, 0, 1] as const;
    const answers = twice.map((process) => driver().handle(reserve('o1', line('A')), cause, process));
    expect((await Promise.all(answers)).sort()).toEqual(['done', 'duplicate', 'duplicate', 'duplicate']);
    expect(await driver().handle(reserve('o2', line('A')), cause)).toBe('duplicate');
    expect(await driver().levels('A')).toEqual({ available: 9, reserved: 1, sold: 0 });
  });

  it.each([
    [1, 20],
    [10, 1_000],
  ])('gives %i pieces to so many of %i', async (pieces, buyers) => {
    await driver().have('A', pieces);
    const results = await driver().commitAll(upTo(buyers).map((i) => reserve(`o${i}`, line('A'))));
    expect(outcomes(results)).toEqual({ done: pieces, OUT_OF_STOCK: buyers - pieces });
    expect(await driver().levels('A')).toEqual({ available: 0, reserved: pieces, sold: 0 });
  });

  it('handles concurrent orders that name the same SKUs in any order', async () => {
    const skus = ['A', 'B', 'C'];
    await Promise.all(skus.map((sku) => driver().have(sku, 100)));
    const lines = skus.map((sku) => line(sku));
    const orders = upTo(200).map((i) => reserve(`o${i}`, ...(i % 4 < 2 ? lines : lines.toReversed())));
    expect(outcomes(await driver().commitAll(orders))).toEqual({ done: 100, OUT_OF_STOCK: 100 });
    for (const sku of skus) expect(await driver().levels(sku)).toEqual({ available: 0, reserved: 100, sold: 0 });
  });
}
