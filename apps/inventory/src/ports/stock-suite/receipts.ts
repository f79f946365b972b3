import { line, receipt, reserve, type StockDriver } from './driver.js';

/** SKUs and the pieces that come in. */
export function receipts(driver: () => StockDriver): void {
  it('takes a receipt in once, and answers its repetition as before', async () => {
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

  it('takes nothing in for a SKU of which no stock is kept, and the same receipt once it is', async () => {
    const delivery = receipt('A', 5);
    expect(await driver().commit(delivery)).toEqual({ outcome: 'unknown-sku' });
    await driver().commit({ type: 'open', sku: 'A' });
    expect(await driver().commit(delivery)).toMatchObject({ outcome: 'received' });
  });

  it('opens a SKU once, and keeps what is there', async () => {
    await driver().commitAll(Array.from({ length: 6 }, () => ({ type: 'open', sku: 'A' })));
    await driver().have('A', 7);
    expect(await driver().commit({ type: 'open', sku: 'A' })).toEqual({ outcome: 'done' });
    expect(await driver().levels('A')).toEqual({ available: 7, reserved: 0, sold: 0 });
  });
}
