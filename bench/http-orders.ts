import { compare, load, offer, print, type Run, runOf } from './measure.js';
import { PlainOrders } from './plain-orders.js';
import { ShopProcess } from './shop-process.js';

const IN_FLIGHT = 32;
/** How long a steady load is offered, s. */
const STEADY_S = 15;
const QUICK_REFUSAL_MS = 50;

/**
 * Orders by `POST /api/orders` with a token until the last is confirmed; then at half of that rate, and at three times.
 */
export async function benchHttpOrders(orders: number, rounds: number): Promise<void> {
  const shop = await ShopProcess.start();
  const plain = await PlainOrders.create(shop.databaseUrl, IN_FLIGHT);
  const rates: number[] = [];
  await compare({
    title: `Orders, from POST /api/orders to confirmed, ${IN_FLIGHT} in flight (p50 and p99 of the acceptance)`,
    mark: 1,
    rounds,
    ours: {
      name: 'Seam',
      run: async () => {
        const run = await untilConfirmed(shop, orders);
        rates.push(run.perSecond);
        return run;
      },
    },
    floor: {
      name: 'five plain transactions',
      run: () => load(orders, IN_FLIGHT, (index) => plain.order(index)),
    },
  });
  if (shop.refused > 0)
    print(`  ${shop.refused} times an order was refused because of overload, and was retried after its Retry-After`);
  await plain.close();
  const peak = Math.max(...rates);
  await atHalfOf(shop, peak);
  await overload(shop, peak);
  await shop.stop();
}

async function untilConfirmed(shop: ShopProcess, orders: number): Promise<Run> {
  const { confirmed } = await shop.state();
  const startedAt = performance.now();
  const latencies: number[] = [];
  await load(orders, IN_FLIGHT, async (index) => {
    const from = performance.now();
    await shop.placed(index);
    latencies.push(performance.now() - from);
  });
  await shop.confirmed(confirmed + orders);
  return runOf(latencies, (performance.now() - startedAt) / 1_000);
}

async function atHalfOf(shop: ShopProcess, peak: number): Promise<void> {
  const { confirmed } = await shop.state();
  const answers = await offer(peak / 2, STEADY_S, (index) => shop.place(index));
  const taken = answers.filter(({ status }) => status === 202).map(({ ms }) => ms);
  const { p50, p99 } = runOf(taken, STEADY_S);
  print(
    `\nAcceptance at half the peak (${(peak / 2).toFixed(0)}/s offered for ${STEADY_S} s, ${taken.length} of ` +
      `${answers.length} accepted)\n  p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; the mark is under 100 ms`,
  );
  await shop.confirmed(confirmed + taken.length);
}

async function overload(shop: ShopProcess, peak: number): Promise<void> {
  const { confirmed: before } = await shop.state();
  const startedAt = performance.now();
  const answers = await offer(3 * peak, STEADY_S, (index) => shop.place(index));
  const during = ((await shop.state()).confirmed - before) / ((performance.now() - startedAt) / 1_000);
  const of = (...statuses: number[]): typeof answers => answers.filter(({ status }) => statuses.includes(status));
  const [accepted, refused] = [of(202), of(429, 503)];
  const untold = refused.filter(({ retryAfterS }) => retryAfterS === undefined).length;
  const { p50, p99 } = runOf(
    refused.map(({ ms }) => ms),
    STEADY_S,
  );
  print(
    `\nOverload (${(3 * peak).toFixed(0)}/s offered for ${STEADY_S} s, three times the peak): ${answers.length} requests\n` +
      `  accepted ${accepted.length}, 429 or 503 ${refused.length} (${untold} without Retry-After), other ` +
      `${answers.length - accepted.length - refused.length}\n` +
      `  confirmed ${during.toFixed(0)}/s meanwhile, ${(during / peak).toFixed(2)} of the peak; the mark is 0.8\n` +
      `  refused within p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; the mark is ${QUICK_REFUSAL_MS} ms`,
  );
  await shop.confirmed(before + accepted.length);
}
