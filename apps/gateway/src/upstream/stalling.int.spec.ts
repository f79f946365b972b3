import type { RunningProcess } from '@seam/host';
import { everythingAt, startGateway } from '../testing/gateway-rig.js';
import { StoppableService } from '../testing/stoppable-service.js';

const CLIENTS = 8;
/** Maximum time to detect a stalled instance on a busy machine: a fraction of the time limit. */
const FOUND_OUT_MS = 8_000;

let one: StoppableService;
let two: StoppableService;
let gateway: RunningProcess;

beforeEach(async () => {
  [one, two] = await Promise.all([StoppableService.start(), StoppableService.start()]);
});

const start = async (headersMs: number): Promise<void> => {
  gateway = await startGateway(everythingAt(one.url, { orders: [one.url, two.url] }), { headersMs });
};

afterEach(async () => {
  two.resume();
  await gateway.close();
  one.kill();
  two.kill();
});

interface CallResult {
  readonly id: string;
  readonly status: number;
  readonly startedMs: number;
  readonly tookMs: number;
}

const kinds = {
  GET: {},
  'POST with a key': { method: 'POST', body: '{"some":"body"}', headers: { 'idempotency-key': 'k' } },
  'POST without a key': { method: 'POST', body: '{"some":"body"}' },
};

/**
 * Eight clients that send one request after the other for this time. Returns their outcomes, with times since the
 * beginning.
 */
async function ask(init: RequestInit, forMs: number): Promise<CallResult[]> {
  const started = performance.now();
  const outcomes: CallResult[] = [];
  const client = async (name: number): Promise<void> => {
    for (let n = 0; performance.now() - started < forMs; n += 1) {
      const id = `${started}.${name}.${n}`;
      const startedAt = performance.now();
      const headers = { ...(init.headers as Record<string, string>), 'x-request': id };
      const response = await fetch(`${gateway.url}/api/orders`, { ...init, headers });
      await response.arrayBuffer();
      const tookMs = performance.now() - startedAt;
      outcomes.push({ id, status: response.status, startedMs: startedAt - started, tookMs });
      await new Promise((over) => setTimeout(over, 10));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, name) => client(name)));
  return outcomes;
}

const stop = {
  frozen: () => {
    two.freeze();
    return Promise.resolve();
  },
  'cut off': () => two.cutOff(),
};

/** Eight clients, with both instances at first, and with one that is stopped from the first second on. */
async function askWhileStopped(how: keyof typeof stop, init: RequestInit): Promise<CallResult[]> {
  const asking = ask(init, 3_000);
  await new Promise((over) => setTimeout(over, 1_000));
  await stop[how]();
  return asking;
}

const longest = (outcomes: readonly CallResult[]): number => Math.max(...outcomes.map(({ tookMs }) => tookMs));

describe.each(['frozen', 'cut off'] as const)('an instance that is %s', (how) => {
  it.each(['GET', 'POST with a key'] as const)('fails no %s, and stalls none for long', async (kind) => {
    await start(30_000);
    const outcomes = await askWhileStopped(how, kinds[kind]);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([200]));
    expect(longest(outcomes)).toBeLessThan(FOUND_OUT_MS);
  });

  it('gets no POST without a key once it is detected, and none that it has received is sent elsewhere', async () => {
    await start(5_000);
    const outcomes = await askWhileStopped(how, kinds['POST without a key']);
    const stalled = outcomes.filter(({ status }) => status !== 200);
    expect(stalled.map(({ status }) => status)).toEqual(Array(stalled.length).fill(504));
    const later = await ask(kinds['POST without a key'], 500);
    expect(new Set(later.map(({ status }) => status))).toEqual(new Set([200]));
    two.resume();
    const twice = new Set(await two.seen());
    expect((await one.seen()).filter((id) => twice.has(id))).toEqual([]);
  });
});
