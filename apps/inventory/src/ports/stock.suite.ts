import { contention } from './stock-suite/contention.js';
import { corrections } from './stock-suite/corrections.js';
import { StockDriver, type StockProcess } from './stock-suite/driver.js';
import { expiry } from './stock-suite/expiry.js';
import { lateSales } from './stock-suite/late-sales.js';
import { lists } from './stock-suite/lists.js';
import { onHand } from './stock-suite/on-hand.js';
import { ordersHold } from './stock-suite/orders.js';
import { races } from './stock-suite/races.js';
import { receipts } from './stock-suite/receipts.js';

/**
 * The guarantees of every adapter of the stock; `setUp` is called before each test, and returns two processes with one
 * empty stock.
 */
export function describeStock(adapter: string, setUp: () => Promise<readonly [StockProcess, StockProcess]>): void {
  describe(`the stock in ${adapter}`, () => {
    let current: StockDriver;
    beforeEach(async () => {
      current = new StockDriver(await setUp());
    });
    const driver = (): StockDriver => current;

    describe('of an order', () => ordersHold(driver));
    describe('on hand', () => onHand(driver));
    describe('of an order whose time is over', () => expiry(driver));
    describe('of an order confirmed too late', () => lateSales(driver));
    describe('under contention', () => contention(driver));
    describe('of concurrent orders', () => races(driver));
    describe('that is received', () => receipts(driver));
    describe('that is missing', () => corrections(driver));
    describe('of every SKU', () => lists(driver));
  });
}
