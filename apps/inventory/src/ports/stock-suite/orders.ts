import { line, release, reserve, sell, type StockDriver } from './driver.js';

/** The pieces of an order, from its reservation to its end. */
export function ordersHold(driver: () => StockDriver): void {
  it('reserves every line or none, adding up lines of one SKU', async () => {
    await driver().have('A', 5);
    await driver().have('B', 1);
    const short = await driver().commit(reserve('o1', line('A', 2), line('B', 2)));
    expect(short).toMatchObject({ code: 'OUT_OF_STOCK', reason: expect.stringContaining('B') as string });
    expect(await driver().commit(reserve('o2', line('A', 3), line('A', 3)))).toMatchObject({ code: 'OUT_OF_STOCK' });
    expect(await driver().commit(reserve('o3', line('A', 2), line('B'), line('A', 3)))).toEqual({ outcome: 'done' });
    expect(await driver().levels('A')).toEqual({ available: 0, reserved: 5, sold: 0 });
    expect(await driver().levels('B')).toEqual({ available: 0, reserved: 1, sold: 0 });
  });

  it('refuses an unknown SKU with its name, and does not track it', async () => {
    const refusal = await driver().commit(reserve('o1', line('GHOST')));
    expect(refusal).toMatchObject({ code: 'OUT_OF_STOCK', reason: expect.stringContaining('GHOST') as string });
    expect(await driver().levels('GHOST')).toBeUndefined();
  });

  it('moves the pieces of an order to sold, once, and back to available', async () => {
    await driver().have('A', 3);
    await driver().commit(reserve('o1', line('A', 2)));
    await driver().commit(sell('o1'));
    await driver().commit(sell('o1'));
    expect(await driver().levels('A')).toEqual({ available: 1, reserved: 0, sold: 2 });
    await driver().commit(release('o1'));
    await driver().commit(release('o1'));
    await driver().commit(sell('o1'));
    expect(await driver().levels('A')).toEqual({ available: 3, reserved: 0, sold: 0 });
  });

  it('makes reserved pieces available again, and sells none of them later', async () => {
    await driver().have('A', 3);
    await driver().commit(reserve('o1', line('A', 2)));
    await driver().commit(release('o1'));
    await driver().commit(sell('o1'));
    expect(await driver().levels('A')).toEqual({ available: 3, reserved: 0, sold: 0 });
  });

  it('sells nothing for an unknown order', async () => {
    await driver().have('A', 1);
    expect(await driver().commit(sell('o1'))).toEqual({ outcome: 'done' });
    expect(await driver().commit(reserve('o1', line('A')))).toEqual({ outcome: 'done' });
    expect(await driver().levels('A')).toEqual({ available: 0, reserved: 1, sold: 0 });
  });

  it('refuses a reservation that arrives after its release', async () => {
    await driver().have('A', 1);
    expect(await driver().commit(release('o1'))).toEqual({ outcome: 'done' });
    expect(await driver().commit(reserve('o1', line('A')))).toMatchObject({ outcome: 'refused', code: 'RELEASED' });
    expect(await driver().levels('A')).toEqual({ available: 1, reserved: 0, sold: 0 });
  });
}
