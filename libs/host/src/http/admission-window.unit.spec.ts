import { ALWAYS_ADMITTED, AdmissionWindow } from './admission-window.js';

const TARGET_MS = 1_000;
let window: AdmissionWindow;

beforeEach(() => {
  window = new AdmissionWindow(TARGET_MS);
});

/** Adjusts a number of times with the same wait. */
function adjust(times: number, waitMs: number, pending: number): void {
  for (let one = 0; one < times; one += 1) window.adjust(waitMs, pending);
}

it('has no limit while nothing waits too long, however much is pending', () => {
  adjust(100, TARGET_MS, 1_000_000);
  expect(window.admits(1_000_000)).toBe(true);
});

it('tolerates a burst', () => {
  window.adjust(10 * TARGET_MS, 5_000);
  expect(window.admits(5_000)).toBe(true);
  window.adjust(0, 5_000);
  window.adjust(1.5 * TARGET_MS, 5_000);
  expect(window.admits(5_000)).toBe(true);
});

it('falls by the factor by which the wait is too long', () => {
  adjust(2, 1.25 * TARGET_MS, 5_000);
  expect(window.limit).toBe(4_000);
  expect([window.admits(3_999), window.admits(4_000)]).toEqual([true, false]);
});

it('admits nothing if the wait is far too long, and otherwise at least the minimum', () => {
  adjust(20, Infinity, 50);
  expect(window.admits(0)).toBe(false);
  window.adjust(TARGET_MS, 50);
  expect([window.admits(ALWAYS_ADMITTED - 1), window.admits(2 * ALWAYS_ADMITTED)]).toEqual([true, false]);
});

it('grows while it refuses and nothing waits too long, and ends when it has refused nothing for a while', () => {
  adjust(2, 2 * TARGET_MS, 1_000);
  expect(window.limit).toBe(500);
  for (let one = 0; one < 10; one += 1) {
    window.admits(10_000);
    window.adjust(0, 500);
  }
  expect(window.limit).toBeCloseTo(500 * 1.05 ** 10);
  adjust(9, 0, 100);
  expect(window.limit).toBeLessThan(Infinity);
  window.adjust(0, 100);
  expect(window.limit).toBe(Infinity);
});

/** A server with one queue behind the window; each step is one adjustment, 100 ms. */
function serve(steps: number, offered: number, servedPer: (step: number) => number): { busy: number; waits: number[] } {
  let [queue, busy] = [0, 0];
  const waits: number[] = [];
  for (let step = 0; step < steps; step += 1) {
    const served = servedPer(step);
    for (let one = 0; one < offered; one += 1) {
      if (window.admits(queue)) queue += 1;
      // Served between two adjustments, at most what is in the queue.
      const due = Math.floor(((one + 1) * served) / offered) - Math.floor((one * served) / offered);
      busy += Math.min(queue, due);
      queue = Math.max(0, queue - due);
    }
    const waitMs = (100 * queue) / served;
    waits.push(waitMs);
    window.adjust(waitMs, queue);
  }
  return { busy, waits };
}

it('keeps a server busy at three times its capacity, and the wait near its target', () => {
  const { busy, waits } = serve(200, 600, () => 200);
  expect(busy / (200 * 200)).toBeGreaterThan(0.98);
  const settled = waits.slice(50);
  expect(Math.max(...settled)).toBeLessThan(1.2 * TARGET_MS);
  expect(Math.min(...settled)).toBeGreaterThan(0.6 * TARGET_MS);
});

it('adapts to a server that becomes slower, and faster again', () => {
  const { waits } = serve(300, 600, (step) => (step >= 100 && step < 200 ? 50 : 200));
  expect(Math.max(...waits.slice(150, 200))).toBeLessThan(1.2 * TARGET_MS);
  expect(Math.min(...waits.slice(260))).toBeGreaterThan(0.6 * TARGET_MS);
});

it('refuses nothing of a load that a server can just process', () => {
  const { waits } = serve(200, 200, () => 200);
  expect(Math.max(...waits)).toBe(0);
  expect(window.limit).toBe(Infinity);
});
