import { line, receipt, reserve, type StockDriver } from './driver.js';

/** SKUs and received pieces. */
export function receipts(driver: () => StockDriver): void {
  it('adds the pieces of a receipt once, and gives its repetition the same answer', async () => {
    await driver().have('A', 1);
    const delivery = receipt('A', 5);
    const received = { outcome: 'received', levels: { available: 6, reserved: 0, sold: 0 } };
    expect(await driver().commitAll([delivery, delivery, delivery])).toEqual([received, received, received]);
    await driver().commit(reserve('o1', line('A', 4)));
    expect(await driver().commit(delivery)).toEqual(received);
    expect(await driver().levels('A')).toEqual({ available: 2, reserved: 4, sold: 0 });
  });

  it('refuses the id of a receipt for another quantity or SKU', async () => {
    await driver().have('A', 1);
    await driver().have('B', 1);
    const delivery = receipt('A', 5);
    await driver().commit(delivery);
    expect(await driver().commit({ ...delivery, quantity: 6 })).toEqual({ outcome: 'receipt-reused' });
    expect(await driver().commit({ ...delivery, sku: 'B' })).toEqual({ outcome: 'receipt-reused' });
    expect(await driver().levels('B')).toEqual({ available: 1, reserved: 0, sold: 0 });
  });

  it('refuses a receipt for a SKU that is not tracked, and accepts the same one once it is', async () => {
    const delivery = receipt('A', 5);
    expect(await driver().commit(delivery)).toEqual({ outcome: 'unknown-sku' });
    await driver().commit({ type: 'open', sku: 'A' });
    expect(await driver().commit(delivery)).toMatchObject({ outcome: 'received' });
  });

  it('starts to track a SKU once, and keeps its pieces', async () => {
    await driver().commitAll(Array.from({ length: 6 }, () => ({ type: 'open', sku: 'A' })));
    await driver().have('A', 7);
    expect(await driver().commit({ type: 'open', sku: 'A' })).toEqual({ outcome: 'done' });
    expect(await driver().levels('A')).toEqual({ available: 7, reserved: 0, sold: 0 });
  });
}
