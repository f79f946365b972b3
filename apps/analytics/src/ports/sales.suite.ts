import { counting } from './sales-suite/counting.js';
import { SalesDriver, type SalesProcess } from './sales-suite/driver.js';
import { exact } from './sales-suite/exact.js';
import { once } from './sales-suite/once.js';

/**
 * The guarantees of every adapter of the sales; `setUp` is called before each test, and returns two processes without
 * sales.
 */
export function describeSales(adapter: string, setUp: () => Promise<readonly [SalesProcess, SalesProcess]>): void {
  describe(`the sales in ${adapter}`, () => {
    let current: SalesDriver;
    beforeEach(async () => {
      current = new SalesDriver(await setUp());
    });
    const driver = (): SalesDriver => current;

    describe('as they are counted', () => counting(driver));
    describe('exactly', () => exact(driver));
    describe('once each', () => once(driver));
  });
}
