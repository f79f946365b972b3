import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { StoreAwayError } from '@seam/persistence';
import { type Applied, ProjectorLoop } from './projector-loop.js';

/** A loop over a simulated store. */
class Loop extends ProjectorLoop {
  readonly category = 'tally';
  next: () => Promise<Applied> = () => Promise.resolve({ events: 0 });
  aside: readonly string[] = [];
  readonly tried: (readonly string[])[] = [];
  known = (_: string): boolean => false;

  override get shadow(): never {
    throw new Error('it is not rebuilt');
  }
  override retry(streams: readonly string[]): Promise<readonly string[]> {
    this.tried.push(streams);
    const gone = streams.filter(this.known);
    this.aside = this.aside.filter((stream) => !gone.includes(stream));
    return Promise.resolve(gone);
  }
  override has(): Promise<boolean> {
    return Promise.resolve(true);
  }
  override setAside(): Promise<boolean> {
    return Promise.resolve(true);
  }
  protected override asideNow(): Promise<readonly string[]> {
    return Promise.resolve(this.aside);
  }
  protected override applyNext(): Promise<Applied> {
    return this.next();
  }
}

const spies = { error: jest.fn(), warn: jest.fn(), log: jest.fn(), fatal: jest.fn() };
const said = (): string[] =>
  [spies.error, spies.warn, spies.log].flatMap((spy) => spy.mock.calls.map(([line]) => String(line)));
const pass = (seconds: number): Promise<void> => jest.advanceTimersByTimeAsync(seconds * 1_000);
let loop: Loop;

beforeAll(() => Logger.overrideLogger(spies));
beforeEach(() => {
  jest.clearAllMocks();
  jest.useFakeTimers();
  loop = new Loop('tally-view', {});
  loop.start();
});
afterEach(async () => {
  await loop.stop();
  jest.useRealTimers();
});

it('lags by the duration of the store’s outage, without a log line, and soon by nothing', async () => {
  await pass(3);
  loop.next = () => Promise.reject(new StoreAwayError());
  await pass(40);
  expect(loop.behindSeconds).toBeGreaterThan(39);
  // A frozen store: requests are never answered, or only much later.
  loop.next = () => new Promise((resolve) => setTimeout(resolve, 20_000, { events: 0 }));
  await pass(15);
  expect(loop.behindSeconds).toBeGreaterThan(54);
  loop.next = () => Promise.resolve({ events: 0 });
  await pass(20);
  expect(loop.behindSeconds).toBeLessThan(2);
  expect(said()).toEqual([]);
});

it('logs once a minute that its store refuses the statements', async () => {
  loop.next = () => Promise.reject(new Error('no such table'));
  await pass(130);
  expect(said()).toEqual([
    'the projection failed, trying again: Error: no such table',
    expect.stringMatching(/^the projection failed, trying again: Error: no such table \(\d+ times so far\)$/),
    expect.stringMatching(/^the projection failed, trying again: Error: no such table \(\d+ times so far\)$/),
  ]);
});

it('retries set-aside streams with growing pauses, up to a minute, and only some at a time', async () => {
  loop.aside = Array.from({ length: 120 }, (_, n) => `tally-${n}`);
  await pass(600);
  expect(Math.max(...loop.tried.map((streams) => streams.length))).toBe(50);
  const first = loop.tried.filter((streams) => streams.includes('tally-0')).length;
  const last = loop.tried.filter((streams) => streams.includes('tally-119')).length;
  expect([first, last]).toEqual([expect.any(Number), expect.any(Number)]);
  expect(Math.min(first, last)).toBeGreaterThan(9);
  expect(Math.max(first, last)).toBeLessThan(16);
  expect(said()).toEqual([]);
});

it('continues with a stream within a minute after it becomes readable, and logs that', async () => {
  loop.aside = ['tally-1', 'tally-2'];
  await pass(300);
  loop.known = (stream) => stream === 'tally-2';
  await pass(62);
  expect(loop.aside).toEqual(['tally-1']);
  expect(said()).toEqual(['continues with tally-2']);
});
