import { totalOf } from '../../domain/levels.js';
import { line, outcomes, release, reserve, sell, type StockDriver, upTo } from './driver.js';

/** Changes of the same orders at once, by two processes. */
export function races(driver: () => StockDriver): void {
  it('neither loses nor adds a piece while orders are reserved, sold and released', async () => {
    await Promise.all(['A', 'B'].map((sku) => driver().have(sku, 30)));
    const changes = upTo(60).flatMap((i) => [
      reserve(`o${i}`, line('A', 1 + (i % 3)), line('B')),
      sell(`o${i}`),
      ...(i % 2 === 0 ? [release(`o${i}`)] : []),
    ]);
    await driver().commitAll(changes);
    for (const sku of ['A', 'B']) {
      const now = await driver().levels(sku);
      expect(now === undefined ? 0 : totalOf(now)).toBe(30);
    }
    await driver().commitAll(upTo(60).map((i) => release(`o${i}`)));
    for (const sku of ['A', 'B']) expect(await driver().levels(sku)).toEqual({ available: 30, reserved: 0, sold: 0 });
  });

  it('leaves nothing reserved after a concurrent reservation and release, whichever is first', async () => {
    await Promise.all(['A', 'B'].map((sku) => driver().have(sku, 50)));
    const released = upTo(40).map((i) => driver().commit(release(`o${i}`), 1));
    const reserved = upTo(40).map((i) => driver().commit(reserve(`o${i}`, line('A'), line('B')), 0));
    expect(outcomes(await Promise.all(released))).toEqual({ done: 40 });
    await Promise.all(reserved);
    for (const sku of ['A', 'B']) expect(await driver().levels(sku)).toEqual({ available: 50, reserved: 0, sold: 0 });
  });
}
