import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Committer, type Work } from '@seam/messaging';
import { DrainRegistry, type ProcessContext, readSettings } from '@seam/process';
import { StockReader } from '../../ports/stock.js';
import { ExpireReservations } from './expire-reservations.js';

/** Reservations by the time at which they were made; expiring one removes it. */
class FakeStock extends StockReader {
  readonly reserved = new Map<string, number>();
  readonly asked: Date[] = [];

  override find(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  override list(): Promise<never[]> {
    return Promise.resolve([]);
  }

  override overdue(before: Date, limit: number): Promise<string[]> {
    this.asked.push(before);
    const due = [...this.reserved].filter(([, at]) => at < before.getTime());
    return Promise.resolve(due.slice(0, limit).map(([orderId]) => orderId));
  }
}

class FakeCommitter extends Committer {
  constructor(private readonly stock: FakeStock) {
    super();
  }

  override commit<T>(work: Work<T>): Promise<T> {
    this.stock.reserved.delete((work.input as { orderId: string }).orderId);
    return Promise.resolve(undefined as T);
  }

  override handle(): Promise<'done'> {
    return Promise.resolve('done');
  }

  override idle(): Promise<void> {
    return Promise.resolve();
  }
}

let stock: FakeStock;
let drains: DrainRegistry;
let feature: ExpireReservations;

beforeEach(() => {
  jest.useFakeTimers();
  Logger.overrideLogger(false);
  stock = new FakeStock();
  drains = new DrainRegistry();
  const context = { settings: readSettings({ SEAM_RESERVATION_S: '3600' }) } as ProcessContext;
  feature = new ExpireReservations(context, stock, new FakeCommitter(stock), drains);
});
afterEach(() => jest.useRealTimers());

test('all reservations whose time is over expire, however many there are', async () => {
  for (let i = 0; i < 250; i += 1) stock.reserved.set(`o${i}`, i);
  expect(await feature.expire(new Date(230))).toBe(230);
  expect(stock.reserved.size).toBe(20);
});

test('it polls every minute, first a minute after the start, and not after it was drained', async () => {
  feature.onApplicationBootstrap();
  await jest.advanceTimersByTimeAsync(59_000);
  expect(stock.asked).toEqual([]);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(stock.asked).toEqual([new Date(Date.now() - 3_600_000)]);
  await drains.drain(1_000);
  await jest.advanceTimersByTimeAsync(600_000);
  expect(stock.asked).toHaveLength(1);
});

test('a store that does not answer is asked again at the next poll', async () => {
  stock.overdue = () => Promise.reject(new Error('away'));
  expect(await feature.expire(new Date())).toBe(0);
});
