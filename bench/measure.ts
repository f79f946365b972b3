import { setTimeout as pause } from 'node:timers/promises';

/** The result of one run of a load. */
export interface Run {
  readonly perSecond: number;
  /** Milliseconds of one operation. */
  readonly p50: number;
  readonly p99: number;
}

/** Runs `count` operations, `inFlight` at a time, each starting when another ends. */
export async function load(
  count: number,
  inFlight: number,
  operation: (index: number) => Promise<unknown>,
): Promise<Run> {
  const latencies: number[] = [];
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < count) {
        const from = performance.now();
        await operation(next++);
        latencies.push(performance.now() - from);
      }
    }),
  );
  return runOf(latencies, (performance.now() - startedAt) / 1_000);
}

/** @param latencies of its operations, ms */
export function runOf(latencies: readonly number[], seconds: number): Run {
  const sorted = [...latencies].sort((a, b) => a - b);
  return { perSecond: sorted.length / seconds, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}

/**
 * Starts operations at a constant rate, however many are in flight, like independent callers; resolves with their
 * results when all have ended.
 */
export async function offer<T>(
  perSecond: number,
  seconds: number,
  operation: (index: number) => Promise<T>,
): Promise<T[]> {
  const ended: Promise<T>[] = [];
  const startedAt = performance.now();
  for (let now = 0; now < seconds; now = (performance.now() - startedAt) / 1_000) {
    while (ended.length < now * perSecond) ended.push(operation(ended.length));
    await pause(1);
  }
  return Promise.all(ended);
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;

export const median = (values: readonly number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

export interface Comparison {
  readonly title: string;
  readonly ours: { readonly name: string; run(): Promise<Run> };
  readonly floor: { readonly name: string; run(): Promise<Run> };
  readonly rounds: number;
  /** The minimum ratio of ours to the floor. */
  readonly mark: number;
}

/**
 * Alternates between ours and its floor (so that both run under the same conditions), and prints each round, the
 * medians, and the median of the rounds' ratios with its mark. Nothing is asserted, because machines differ.
 */
export async function compare({ title, ours, floor, rounds, mark }: Comparison): Promise<void> {
  print(`\n${title}`);
  await ours.run();
  await floor.run();
  const pairs: { ours: Run; floor: Run }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const pair = { ours: await ours.run(), floor: await floor.run() };
    pairs.push(pair);
    print(line(`round ${round}: ${ours.name}`, pair.ours));
    print(line(`round ${round}: ${floor.name}`, pair.floor));
  }
  print(line(`median: ${ours.name}`, medians(pairs.map((pair) => pair.ours))));
  print(line(`median: ${floor.name}`, medians(pairs.map((pair) => pair.floor))));
  const ratios = pairs.map((pair) => pair.ours.perSecond / pair.floor.perSecond);
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  print(`  ratio: ${median(ratios).toFixed(2)} of the floor (${spread}); the mark is ${mark.toFixed(1)}`);
}

const medians = (runs: readonly Run[]): Run => ({
  perSecond: median(runs.map((run) => run.perSecond)),
  p50: median(runs.map((run) => run.p50)),
  p99: median(runs.map((run) => run.p99)),
});

const line = (name: string, { perSecond, p50, p99 }: Run): string =>
  `  ${name.padEnd(34)} ${perSecond.toFixed(0).padStart(7)}/s   p50 ${ms(p50)}   p99 ${ms(p99)}`;

const ms = (value: number): string => `${value.toFixed(2).padStart(8)} ms`;

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
