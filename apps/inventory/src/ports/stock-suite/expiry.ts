import { expire, line, outcomes, release, reserve, sell, type StockDriver, upTo } from './driver.js';

/** The pieces of an order whose reservation expires. */
export function expiry(driver: () => StockDriver): void {
  const free = { available: 3, reserved: 0, sold: 0 };

  it('makes reserved pieces available again, once, and no sold ones', async () => {
    await driver().have('A', 3);
    await driver().commit(reserve('o1', line('A', 2)));
    await driver().commit(reserve('o2', line('A')));
    await driver().commit(sell('o2'));
    expect(outcomes(await driver().commitAll(['o1', 'o1', 'o2', 'o3'].map(expire)))).toEqual({ done: 4 });
    expect(await driver().levels('A')).toEqual({ available: 2, reserved: 0, sold: 1 });
  });

  it('is not followed by another reservation of the order', async () => {
    await driver().have('A', 3);
    await driver().commit(reserve('o1', line('A')));
    await driver().commit(expire('o1'));
    expect(await driver().commit(reserve('o1', line('A')))).toMatchObject({ outcome: 'refused', code: 'RELEASED' });
    expect(await driver().levels('A')).toEqual(free);
  });

  it('leaves nothing for a late release to put back, and nothing for a sale after that', async () => {
    await driver().have('A', 3);
    await driver().commit(reserve('o1', line('A', 2)));
    await driver().commit(expire('o1'));
    expect(await driver().commit(release('o1'))).toEqual({ outcome: 'done' });
    expect(await driver().commit(sell('o1'))).toEqual({ outcome: 'done' });
    expect(await driver().levels('A')).toEqual(free);
  });

  it('finds the orders whose time is over, oldest first, as many as are asked for', async () => {
    await driver().have('A', 10);
    for (const i of upTo(5)) await driver().commit(reserve(`o${i}`, line('A')), i % 2 === 0 ? 0 : 1);
    await driver().commit(sell('o1'));
    await driver().commit(release('o2'));
    await driver().commit(expire('o3'));
    const after = new Date(Date.now() + 60_000);
    expect(await driver().overdue(after, 10)).toEqual(['o0', 'o4']);
    expect(await driver().overdue(after, 1)).toEqual(['o0']);
    expect(await driver().overdue(new Date(Date.now() - 60_000), 10)).toEqual([]);
  });
}
