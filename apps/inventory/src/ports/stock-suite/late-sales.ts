import { emptyLevels, totalOf } from '../../domain/levels.js';
import { expire, line, outcomes, release, reserve, sell, type StockDriver, upTo } from './driver.js';

/** Orders that are confirmed after their reservation has expired. */
export function lateSales(driver: () => StockDriver): void {
  it('lets a late sale take the pieces again, once, and a release put them back', async () => {
    await driver().have('A', 3);
    await driver().commit(reserve('o1', line('A', 2)));
    await driver().commit(expire('o1'));
    expect(outcomes(await driver().commitAll(['o1', 'o1', 'o1'].map(sell)))).toEqual({ done: 3 });
    expect(await driver().levels('A')).toEqual({ available: 1, reserved: 0, sold: 2 });
    await driver().commit(release('o1'));
    expect(await driver().levels('A')).toEqual({ available: 3, reserved: 0, sold: 0 });
  });

  it('refuses a late sale of pieces that were sold to others, once and finally, and takes none of its lines', async () => {
    await driver().have('A', 3);
    await driver().have('B', 3);
    await driver().commit(reserve('o1', line('B'), line('A', 2)));
    await driver().commit(expire('o1'));
    await driver().commit(reserve('o2', line('A', 2)));
    const refusal = await driver().commit(sell('o1'));
    expect(refusal).toMatchObject({
      outcome: 'refused',
      code: 'OUT_OF_STOCK',
      reason: expect.stringMatching(/o1.* A /) as string,
    });
    expect(await driver().levels('A')).toEqual({ available: 1, reserved: 2, sold: 0 });
    expect(await driver().levels('B')).toEqual({ available: 3, reserved: 0, sold: 0 });
    await driver().commit(release('o2'));
    expect(await driver().commit(sell('o1'))).toEqual({ outcome: 'done' });
    expect(await driver().commit(release('o1'))).toEqual({ outcome: 'done' });
    expect(await driver().levels('A')).toEqual({ available: 3, reserved: 0, sold: 0 });
  });

  it('neither sells a piece twice nor loses one with concurrent sales, releases and other orders', async () => {
    await driver().have('A', 20);
    await driver().commitAll(upTo(20).map((i) => reserve(`o${i}`, line('A'))));
    const meeting = upTo(20).flatMap((i) => [
      expire(`o${i}`),
      ...(i % 2 === 0 ? [sell(`o${i}`)] : []),
      ...(i % 5 === 0 ? [release(`o${i}`)] : []),
      reserve(`new${i}`, line('A')),
    ]);
    await driver().commitAll(meeting);
    const left = (await driver().levels('A')) ?? emptyLevels;
    expect(totalOf(left)).toBe(20);
    expect(Math.min(left.available, left.reserved, left.sold)).toBeGreaterThanOrEqual(0);
    await driver().commitAll(upTo(20).flatMap((i) => [release(`o${i}`), release(`new${i}`)]));
    expect(await driver().levels('A')).toEqual({ available: 20, reserved: 0, sold: 0 });
  });
}
