import { jest } from '@jest/globals';
import { type Work, work } from './work.js';
import { type PendingWork, pendingWork } from './pending-work.js';
import { LOW_PRIORITY_WAIT_MS, WorkQueue } from './work-queue.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const some: Work = work({ name: 'some' }, undefined, () => ({ value: undefined, messages: [] }));
const entry = (lowPriority: boolean, messageId?: string): PendingWork =>
  pendingWork(
    { ...some, lowPriority },
    messageId === undefined ? undefined : { messageId, handler: 'test/h', correlationId: 'c' },
    () => undefined,
    () => undefined,
  );

test('a work of normal priority is ready at once, and does not include those of low priority', () => {
  const queue = new WorkQueue(10);
  expect(queue.ready).toBe(false);
  queue.add(entry(true));
  expect(queue.ready).toBe(false);
  queue.add(entry(false));
  expect(queue.ready).toBe(true);
  expect(queue.take().map(({ work }) => work.lowPriority)).toEqual([false]);
  expect(queue.ready).toBe(false);
  expect(queue.size).toBe(1);
});

test('reports how many works do not fit into the next batch', () => {
  const queue = new WorkQueue(10);
  for (let one = 0; one < 10; one += 1) queue.add(entry(false));
  expect(queue.excess).toBe(0);
  for (let one = 0; one < 5; one += 1) queue.add(entry(one % 2 === 0));
  expect(queue.excess).toBe(5);
  queue.take();
  expect(queue.excess).toBe(0);
});

test('works of low priority that have waited long enough join any batch', () => {
  const queue = new WorkQueue(10);
  queue.add(entry(true));
  jest.advanceTimersByTime(LOW_PRIORITY_WAIT_MS);
  queue.add(entry(false));
  expect(queue.take()).toHaveLength(2);
  expect(queue.size).toBe(0);
});

test('works of low priority are ready when the first has waited long enough', () => {
  const queue = new WorkQueue(10);
  queue.add(entry(true));
  jest.advanceTimersByTime(LOW_PRIORITY_WAIT_MS - 1);
  queue.add(entry(true));
  expect(queue.ready).toBe(false);
  jest.advanceTimersByTime(1);
  expect(queue.ready).toBe(true);
  expect(queue.take()).toHaveLength(2);
  expect(queue.msUntilReady).toBe(Infinity);
});

test('works of low priority are ready when a batch is full, and when all works are made ready', () => {
  const queue = new WorkQueue(2);
  queue.add(entry(true));
  queue.add(entry(true));
  queue.add(entry(true));
  expect(queue.ready).toBe(true);
  expect(queue.take()).toHaveLength(2);
  expect(queue.ready).toBe(false);
  queue.makeAllReady();
  expect(queue.take()).toHaveLength(1);
});

test('the same message twice needs two batches', () => {
  const queue = new WorkQueue(10);
  for (const id of ['m1', 'm1', 'm2']) queue.add(entry(false, id));
  expect(queue.take().map(({ cause }) => cause?.messageId)).toEqual(['m1', 'm2']);
  expect(queue.ready).toBe(true);
  expect(queue.take().map(({ cause }) => cause?.messageId)).toEqual(['m1']);
});
