import { jest } from '@jest/globals';
import { Registry } from 'prom-client';
import { breakerDefaults, NotCounted } from './breaker.js';
import type { Guard } from './guard.js';
import { Guards } from './guards.js';
import { RetryBudget } from './retry-budget.js';

let registry: Registry;
let guards: Guards;
let guard: Guard;

beforeEach(() => {
  jest.useFakeTimers();
  registry = new Registry();
  guards = new Guards(registry, { breaker: breakerDefaults, maxConcurrent: 20 });
  guard = guards.of('orders');
});

afterEach(() => {
  guards.close();
  jest.useRealTimers();
});

/** One call, admitted or not; returns the reason of a refusal. */
async function call(work: () => Promise<void>): Promise<string | undefined> {
  const refusal = guard.enter();
  if (refusal !== undefined) return refusal;
  guard.run(work);
  guard.leave();
  await jest.advanceTimersByTimeAsync(0);
  return undefined;
}

const works = (): Promise<void> => Promise.resolve();
const fails = (): Promise<void> => Promise.reject(new Error('down'));
const givenUp = (): Promise<void> => Promise.reject(new NotCounted());

interface Settle {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A call that settles when the test says so. */
function held(): Settle & { readonly work: () => Promise<void> } {
  let settle: Settle | undefined;
  const outcome = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  return { work: () => outcome, ...settle! };
}

async function times(count: number, work: () => Promise<void>): Promise<void> {
  for (let n = 0; n < count; n += 1) await call(work);
}

it('is one for each target', () => {
  expect(guards.of('orders')).toBe(guard);
  expect(guards.of('payments')).not.toBe(guard);
});

it('opens after enough calls of which most failed, separately for each target', async () => {
  await times(9, fails);
  expect(guard.state).toBe('closed');
  await times(1, fails);
  expect(guard.state).toBe('open');
  expect(await call(works)).toBe('breaker-open');
  expect(guard.retryAfterSeconds).toBe(5);
  expect(guards.of('payments').enter()).toBeUndefined();
});

it('stays closed while most calls work', async () => {
  for (let n = 0; n < 20; n += 1) await call(n % 2 === 0 ? works : fails);
  expect(guard.state).toBe('closed');
});

it('admits one call after a while, and closes if it succeeds', async () => {
  await times(10, fails);
  await jest.advanceTimersByTimeAsync(3_000);
  expect(guard.retryAfterSeconds).toBe(2);
  await jest.advanceTimersByTimeAsync(2_000);
  expect(guard.state).toBe('half-open');
  let answered: () => void = () => undefined;
  expect(await call(() => new Promise((resolve) => (answered = resolve)))).toBeUndefined();
  expect(await call(works)).toBe('breaker-open');
  answered();
  await jest.advanceTimersByTimeAsync(0);
  expect(guard.state).toBe('closed');
  expect(await call(works)).toBeUndefined();
});

it.each([
  ['success', (settle: Settle) => settle.resolve()],
  ['failure', (settle: Settle) => settle.reject(new Error('down'))],
])('is decided by the trial alone, not by the late %s of an earlier call', async (_, comes) => {
  const [before, trial] = [held(), held()];
  await call(before.work);
  await times(10, fails);
  await jest.advanceTimersByTimeAsync(5_000);
  await call(trial.work);
  comes(before);
  await jest.advanceTimersByTimeAsync(0);
  expect(guard.state).toBe('half-open');
  expect(await call(works)).toBe('breaker-open');
  trial.resolve();
  await jest.advanceTimersByTimeAsync(0);
  expect(guard.state).toBe('closed');
});

it('does not count results from before it closed again', async () => {
  const before = Array.from({ length: 9 }, held);
  for (const { work } of before) await call(work);
  await times(10, fails);
  await jest.advanceTimersByTimeAsync(5_000);
  await call(works);
  for (const { reject } of before) reject(new Error('down'));
  await jest.advanceTimersByTimeAsync(0);
  await times(8, fails);
  expect(guard.state).toBe('closed');
});

it('closes at once when the target is known to work again, open or during its trial', async () => {
  for (const waitMs of [0, 5_000]) {
    await times(10, fails);
    await jest.advanceTimersByTimeAsync(waitMs);
    if (waitMs > 0) await call(held().work);
    guard.recovered();
    expect(guard.state).toBe('closed');
    await times(9, fails);
    expect(guard.state).toBe('closed');
    await jest.advanceTimersByTimeAsync(6_000);
    expect(guard.state).toBe('closed');
  }
});

it('opens again if the trial call fails, or its caller gave up', async () => {
  for (const outcome of [fails, givenUp]) {
    await times(10, fails);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(guard.state).toBe('half-open');
    await call(outcome);
    expect(guard.state).toBe('open');
    await jest.advanceTimersByTimeAsync(5_000);
    await call(works);
    expect(guard.state).toBe('closed');
  }
});

it('is not opened again by one failure after it has closed', async () => {
  await times(10, fails);
  await jest.advanceTimersByTimeAsync(5_000);
  await call(works);
  await call(fails);
  expect(guard.state).toBe('closed');
});

it('does not count calls that their callers gave up, and counts those that were aborted later', async () => {
  await times(50, givenUp);
  expect(guard.state).toBe('closed');
  await times(6, works);
  for (let n = 0; n < 100; n += 1) guard.brokeOff(new Error('reset'));
  await jest.advanceTimersByTimeAsync(0);
  expect(guard.state).toBe('open');
});

it('admits no more calls than may run at the same time', () => {
  for (let n = 0; n < 20; n += 1) expect(guard.enter()).toBeUndefined();
  expect(guard.enter()).toBe('overloaded');
  guard.leave();
  expect(guard.enter()).toBeUndefined();
});

it('shows everything in the metrics', async () => {
  expect(await registry.metrics()).toContain('seam_breaker_state{target="orders"} 0');
  await times(10, fails);
  await call(works);
  const text = await registry.metrics();
  expect(text).toContain('seam_breaker_state{target="orders"} 2');
  expect(text).toContain('seam_breaker_opened_total{target="orders"} 1');
  expect(text).toContain('seam_target_rejected_total{target="orders",reason="breaker-open"} 1');
  expect(text).toContain('seam_target_rejected_total{target="orders",reason="overloaded"} 0');
  expect(text).toContain('seam_target_in_flight{target="orders"} 0');
});

it('allows at most 1.2 attempts for each of a hundred calls', () => {
  const budget = new RetryBudget();
  let attempts = 0;
  for (let n = 0; n < 100; n += 1) {
    budget.earn();
    attempts += 1;
    while (budget.spend()) attempts += 1;
  }
  expect(attempts).toBeLessThanOrEqual(120);
  expect(attempts).toBeGreaterThan(115);
});
