import fc from 'fast-check';
import { backoffMs, pause } from './backoff.js';

const backoff = fc.record({
  firstMs: fc.integer({ min: 1, max: 10_000 }),
  longestMs: fc.integer({ min: 1, max: 100_000 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a backoff', () => {
  it('doubles from the first delay to the longest, however many failures there were', () => {
    const delays = [1, 2, 3, 4, 5, 2_000].map((n) => backoffMs({ firstMs: 100, longestMs: 1_000, jitter: 0 }, n));
    expect(delays).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('shortens a delay at random by up to the jitter, and never lengthens it', () => {
    fc.assert(
      fc.property(backoff, fc.integer({ min: 0, max: 2_000 }), chance, (b, n, r) => {
        const ceiling = backoffMs({ ...b, jitter: 0 }, n);
        const delay = backoffMs(b, n, () => r);
        expect(delay).toBeLessThanOrEqual(ceiling);
        expect(delay).toBeGreaterThanOrEqual(ceiling * (1 - b.jitter));
        expect(ceiling).toBeLessThanOrEqual(b.longestMs);
      }),
    );
  });

  it('has jitter by default, so that clients that failed together do not retry together', () => {
    const delays = Array.from({ length: 100 }, () => backoffMs({ firstMs: 100, longestMs: 1_000 }, 3));
    expect(new Set(delays).size).toBeGreaterThan(50);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(200);
  });
});

describe('a pause', () => {
  it('lasts as long as requested', async () => {
    const started = performance.now();
    await pause(20);
    expect(performance.now() - started).toBeGreaterThanOrEqual(19);
  });

  it('ends with its signal, also with one that was given before it began', async () => {
    const stop = new AbortController();
    const paused = pause(60_000, { signal: stop.signal });
    stop.abort();
    await paused;
    await pause(60_000, { signal: stop.signal });
  });
});
