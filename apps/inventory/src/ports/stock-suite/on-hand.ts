import { emptyLevels, onHandOf } from '../../domain/levels.js';
import { expire, line, release, reserve, sell, type StockDriver } from './driver.js';

/** Available pieces are those on hand that are not reserved; on hand and sold pieces only change together. */
export function onHand(driver: () => StockDriver): void {
  it('leaves pieces on hand while they are reserved, and removes them when they are sold', async () => {
    await driver().have('A', 9);
    const counts = async (): Promise<number[]> => {
      const levels = (await driver().levels('A')) ?? emptyLevels;
      expect(levels.available).toBe(onHandOf(levels) - levels.reserved);
      return [onHandOf(levels), levels.sold];
    };
    const steps = [
      [reserve('o1', line('A', 2)), [9, 0]],
      [reserve('o2', line('A', 3)), [9, 0]],
      [sell('o1'), [7, 2]],
      [expire('o2'), [7, 2]],
      [sell('o2'), [4, 5]],
      [release('o1'), [6, 3]],
      [reserve('o3', line('A', 6)), [6, 3]],
      [release('o3'), [6, 3]],
    ] as const;
    for (const [change, after] of steps) {
      await driver().commit(change);
      expect(await counts()).toEqual(after);
    }
  });
}
