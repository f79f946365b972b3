import { tripSaga } from '../testing/trip.js';
import { attemptLimitMs } from './attempt-limit.js';

const step = { ...tripSaga.steps[1]!, attemptTimeoutMs: 1_000 };
const retry = { attempts: 9, backoff: 3, longestMs: 20_000, jitter: 0 };
const limits = (of: Partial<typeof retry>, saga = 's1'): number[] =>
  [1, 2, 3, 4, 5].map((attempt) => attemptLimitMs({ ...step, retry: { ...retry, ...of } }, saga, attempt));

describe('the time limit of an attempt', () => {
  it('grows by the factor up to the longest', () => {
    expect(limits({})).toEqual([1_000, 3_000, 9_000, 20_000, 20_000]);
    expect(limits({ backoff: 1 })).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
  });

  it('is never shorter than that of the first one', () => {
    expect(limits({ longestMs: 10 })).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
  });

  it('varies by the share of the jitter from saga to saga, and is the same whenever it is decided', () => {
    const second = Array.from({ length: 200 }, (_, n) => limits({ jitter: 0.1 }, `s${n}`)[1]!);
    expect(limits({ jitter: 0.1 }, 's7')[1]).toBe(second[7]);
    expect(Math.min(...second)).toBeGreaterThanOrEqual(2_700);
    expect(Math.max(...second)).toBeLessThanOrEqual(3_300);
    expect(Math.max(...second) - Math.min(...second)).toBeGreaterThan(400);
    expect(limits({ jitter: 0.1 })[0]).toBe(1_000);
  });
});
