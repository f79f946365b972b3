import { correction, line, outcomes, receipt, release, reserve, sell, type StockDriver, upTo } from './driver.js';

/** Pieces that are lost or broken. */
export function corrections(driver: () => StockDriver): void {
  it('makes a correction once, and gives its repetition the same answer', async () => {
    await driver().have('A', 5);
    const broken = correction('A', 2);
    const corrected = { outcome: 'corrected', levels: { available: 3, reserved: 0, sold: 0 } };
    expect(await driver().commitAll([broken, broken, broken])).toEqual([corrected, corrected, corrected]);
    await driver().commit(receipt('A', 4));
    expect(await driver().commit(broken)).toEqual(corrected);
    expect(await driver().levels('A')).toEqual({ available: 7, reserved: 0, sold: 0 });
  });

  it('removes no pieces that orders hold, and no more than there are', async () => {
    await driver().have('A', 5);
    await driver().commit(reserve('o1', line('A', 2)));
    await driver().commit(reserve('o2', line('A')));
    await driver().commit(sell('o2'));
    const tooMuch = correction('A', 3);
    expect(await driver().commit(tooMuch)).toEqual({ outcome: 'not-available', available: 2 });
    expect(await driver().commit(correction('A', 2))).toMatchObject({ outcome: 'corrected' });
    expect(await driver().levels('A')).toEqual({ available: 0, reserved: 2, sold: 1 });
    // A refused correction has stored nothing: it can be made once there are enough pieces.
    await driver().commit(release('o1'));
    await driver().commit(release('o2'));
    expect(await driver().commit(tooMuch)).toMatchObject({ outcome: 'corrected', levels: { available: 0 } });
    expect(await driver().commit(correction('GHOST', 1))).toEqual({ outcome: 'unknown-sku' });
  });

  it('refuses its id for another quantity, SKU or reason, and for a receipt', async () => {
    await driver().have('A', 5);
    await driver().have('B', 5);
    const broken = correction('A', 1);
    await driver().commit(broken);
    const reused = { outcome: 'receipt-reused' };
    expect(await driver().commit({ ...broken, quantity: 2 })).toEqual(reused);
    expect(await driver().commit({ ...broken, sku: 'B' })).toEqual(reused);
    expect(await driver().commit({ ...broken, reason: 'stolen' })).toEqual(reused);
    expect(await driver().commit({ ...receipt('A', 1), receiptId: broken.receiptId })).toEqual(reused);
    expect(await driver().levels('A')).toEqual({ available: 4, reserved: 0, sold: 0 });
  });

  it('neither goes below zero nor removes a piece twice if orders and corrections are concurrent', async () => {
    await driver().have('A', 30);
    const changes = upTo(40).flatMap((i) => [reserve(`o${i}`, line('A')), correction('A', 1)]);
    const {
      done = 0,
      corrected = 0,
      OUT_OF_STOCK = 0,
      'not-available': refused = 0,
    } = outcomes(await driver().commitAll(changes));
    expect([done + corrected, OUT_OF_STOCK + refused]).toEqual([30, 50]);
    expect(await driver().levels('A')).toEqual({ available: 0, reserved: done, sold: 0 });
  });
}
