import { jest } from '@jest/globals';
import { AvailabilityMonitor } from './availability-monitor.js';
import { StoreAwayError } from './store-away.js';

const away = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
const never = (): Promise<never> => new Promise(() => undefined);

let lines: string[];
let probe: jest.Mock<() => Promise<unknown>>;
let monitor: AvailabilityMonitor;

/** Advances the time, and runs everything that this triggers. */
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
/** The result of an operation, and when it was available. */
function watch(operation: Promise<unknown>): { error: unknown; afterMs: number | undefined } {
  const startedAt = performance.now();
  const seen: { error: unknown; afterMs: number | undefined } = { error: undefined, afterMs: undefined };
  operation.then(
    () => (seen.afterMs = performance.now() - startedAt),
    (error: unknown) => Object.assign(seen, { error, afterMs: performance.now() - startedAt }),
  );
  return seen;
}

beforeEach(() => {
  jest.useFakeTimers();
  lines = [];
  probe = jest.fn(never);
  monitor = new AvailabilityMonitor({
    ...{ engine: 'Engine', at: 'host:1', probe },
    isAway: (error) => error === away || (error instanceof Error && error.message === 'no answer'),
    log: (line) => lines.push(line),
  });
});
afterEach(() => {
  monitor.close();
  jest.useRealTimers();
});

describe('an engine that answers', () => {
  it('is not probed', async () => {
    expect(await monitor.run(() => Promise.resolve(1))).toBe(1);
    await expect(monitor.run(() => Promise.reject(new Error('no such table')))).rejects.toThrow('no such table');
    await pass(10_000);
    expect(probe).not.toHaveBeenCalled();
    expect(lines).toEqual([]);
  });

  it('may take long for a slow operation, as long as it answers probes', async () => {
    probe.mockResolvedValue('pong');
    const slow = watch(monitor.run(never));
    await pass(60_000);
    expect(slow.afterMs).toBeUndefined();
    expect(monitor.away).toBe(false);
    expect(lines).toEqual([]);
  });

  it('is healthy if any operation is answered, even if the check itself waits behind others', async () => {
    probe.mockResolvedValue('pong');
    const healthy = watch(monitor.answers(() => monitor.run(never)));
    await pass(900);
    expect(healthy.afterMs).toBeUndefined();
    await monitor.run(() => Promise.reject(new Error('no such table'))).catch(() => undefined);
    await pass(0);
    expect(healthy).toMatchObject({ error: undefined, afterMs: 900 });
    await expect(monitor.answers(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });

  it('is not healthy because an idle connection was lent', async () => {
    const healthy = watch(monitor.answers(() => monitor.run(never)));
    await monitor.run(() => Promise.resolve(), { provesAvailability: false });
    await pass(2_000);
    expect(healthy.error).toBeInstanceOf(StoreAwayError);
  });

  it('is available although a probe gets lost, if an operation is answered meanwhile', async () => {
    const slow = watch(monitor.run(never));
    await pass(1_000);
    await monitor.run(() => Promise.resolve());
    await pass(1_000);
    expect([monitor.away, slow.afterMs]).toEqual([false, undefined]);
  });

  it('but fails single operations as in an outage is logged once a minute', async () => {
    probe.mockResolvedValue('pong');
    for (let n = 0; n < 100; n += 1) {
      await expect(monitor.run(() => Promise.reject(away))).rejects.toBeInstanceOf(StoreAwayError);
      await pass(1);
    }
    expect(lines).toEqual(['Engine at host:1 answers, but failed an operation: refused']);
    await pass(60_000);
    await monitor.run(() => Promise.reject(away)).catch(() => undefined);
    await pass(1);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/100 times since the last line$/);
  });
});

describe('an engine that is unavailable', () => {
  it('frozen: waiting operations fail within 2 s, new ones at once, until it is back; two log lines and a count', async () => {
    const left = jest.fn();
    monitor.onAway(left);
    const waiting = Array.from({ length: 24 }, () => watch(monitor.run(never)));
    await pass(2_000);
    for (const { error, afterMs } of waiting) {
      expect(error).toBeInstanceOf(StoreAwayError);
      expect(afterMs).toBeLessThan(2_000);
    }
    expect(left).toHaveBeenCalledTimes(1);
    const operation = jest.fn(never);
    for (let n = 0; n < 1_000; n += 1) {
      await expect(monitor.run(operation)).rejects.toMatchObject({ code: 'STORE.UNAVAILABLE' });
      await pass(60);
    }
    expect(operation).not.toHaveBeenCalled();
    expect(lines).toEqual([expect.stringMatching(/^Engine at host:1 does not answer \(no answer\)/)]);
    probe.mockResolvedValue('pong');
    await pass(3_000);
    expect(await monitor.run(() => Promise.resolve(1))).toBe(1);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^Engine at host:1 answers again after \d+\.\d s; 1024 operations failed meanwhile$/);
    // A failure caused by the outage that is noticed only after it.
    await expect(monitor.run(() => Promise.reject(away))).rejects.toBeInstanceOf(StoreAwayError);
    await pass(60_000);
    expect(lines).toHaveLength(2);
    await expect(monitor.run(() => Promise.reject(away))).rejects.toBeInstanceOf(StoreAwayError);
    await pass(1);
    expect(lines).toHaveLength(3);
  });

  it('frozen during a check: no caller waits for another full check', async () => {
    watch(monitor.run(never));
    await pass(470);
    await monitor.run(() => Promise.resolve());
    const waiting = watch(monitor.run(never));
    await pass(2_000);
    expect(waiting.error).toBeInstanceOf(StoreAwayError);
    expect(waiting.afterMs).toBeLessThan(2_000);
  });

  it('frozen, while idle connections are lent: that is no answer', async () => {
    const waiting = watch(monitor.run(never));
    for (let n = 0; n < 20; n += 1) {
      await monitor.run(() => Promise.resolve(), { provesAvailability: false }).catch(() => undefined);
      await pass(100);
    }
    expect(waiting.error).toBeInstanceOf(StoreAwayError);
    expect(waiting.afterMs).toBeLessThan(2_000);
  });

  it('killed: it is unavailable as soon as the probe fails, too', async () => {
    probe.mockRejectedValue(away);
    await expect(monitor.run(() => Promise.reject(away))).rejects.toBeInstanceOf(StoreAwayError);
    await pass(1);
    expect(monitor.away).toBe(true);
    expect(lines).toEqual([expect.stringContaining('does not answer (refused)')]);
  });

  it('whose answer arrives late: it goes to the function that cleans up', async () => {
    let answer!: (value: string) => void;
    const late = jest.fn();
    const waiting = watch(monitor.run(() => new Promise<string>((resolve) => (answer = resolve)), { late }));
    await pass(2_000);
    answer('a connection');
    await pass(0);
    expect(waiting.error).toBeInstanceOf(StoreAwayError);
    expect(late).toHaveBeenCalledWith('a connection');
  });

  it('is not watched any more after close', async () => {
    monitor.close();
    await monitor.run(() => Promise.reject(away)).catch(() => undefined);
    monitor.suspectOutage(away);
    await pass(10_000);
    expect([probe.mock.calls, lines]).toEqual([[], []]);
  });
});
