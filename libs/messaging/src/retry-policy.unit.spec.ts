import fc from 'fast-check';
import { attemptsWithin, defaultRetries, retryDelayMs } from './retry-policy.js';

const policy = fc.record({
  attempts: fc.integer({ min: 1, max: 50 }),
  firstDelayMs: fc.integer({ min: 1, max: 10_000 }),
  longestDelayMs: fc.integer({ min: 1, max: 100_000 }),
});

describe('the delay before a retry', () => {
  it('is between a quarter of a ceiling and the ceiling, which doubles up to the longest delay', () => {
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (p, n, r) => {
        const ceiling = Math.min(p.longestDelayMs, p.firstDelayMs * 2 ** (n - 1));
        const delay = retryDelayMs(p, n, () => r);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(ceiling / 4));
        expect(delay).toBeLessThanOrEqual(Math.ceil(ceiling));
      }),
    );
  });

  it('spreads retries of simultaneous failures', () => {
    const delays = Array.from({ length: 100 }, () => retryDelayMs(defaultRetries, 8));
    expect(new Set(delays).size).toBeGreaterThan(50);
  });

  it('adds up to about 20 s', () => {
    const waits = Array.from({ length: defaultRetries.attempts - 1 }, (_, index) => index + 1);
    const longest = waits.reduce((sum, attempt) => sum + retryDelayMs(defaultRetries, attempt, () => 1), 0);
    expect(longest).toBeGreaterThan(15_000);
    expect(longest).toBeLessThan(25_000);
  });
});

it('computes the number of attempts for a given time, at least the usual number', () => {
  expect(attemptsWithin(defaultRetries, 0)).toBe(10);
  const attempts = attemptsWithin(defaultRetries, 300_000);
  const waits = Array.from({ length: attempts - 1 }, (_, index) => retryDelayMs(defaultRetries, index + 1));
  const seconds = waits.reduce((sum, ms) => sum + ms, 0) / 1_000;
  expect(seconds).toBeGreaterThan(200);
  expect(seconds).toBeLessThan(400);
});
