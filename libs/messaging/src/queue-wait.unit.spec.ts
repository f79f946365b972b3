import { QueueWait } from './queue-wait.js';

let now: number;
let wait: QueueWait;

beforeEach(() => {
  now = 0;
  wait = new QueueWait(() => now);
});

/** One entry leaves every `everyMs`, for this time, while `waiting` entries stay. */
function take(everyMs: number, forMs: number, waiting: number): void {
  for (const end = now + forMs; now < end; now += everyMs) wait.took(1, waiting);
}

it('is the length of the queue divided by the rate at which it is emptied', () => {
  take(1, 2_000, 500);
  expect(wait.waitMs(500)).toBeCloseTo(500, -1);
  expect(wait.waitMs(1_000)).toBeCloseTo(1_000, -1);
  expect(wait.waitMs(0)).toBe(0);
});

it('is 0 before the rate was measured', () => {
  take(1, 200, 500);
  expect(wait.waitMs(500)).toBe(0);
});

it('does not mistake a low arrival rate for a low processing rate', () => {
  take(1, 1_000, 10);
  for (let one = 0; one < 100; one += 1, now += 100) wait.took(1, 0);
  expect(wait.waitMs(100)).toBeCloseTo(100, -1);
});

it('grows if fewer entries leave, and is infinite if none leaves', () => {
  take(1, 1_000, 100);
  take(10, 3_000, 100);
  expect(wait.waitMs(100)).toBeCloseTo(1_000, -2);
  for (let window = 0; window < 1_100; window += 1, now += 250) wait.waitMs(100);
  expect(wait.waitMs(100)).toBe(Infinity);
});
