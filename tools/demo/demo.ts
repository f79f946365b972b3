import { runOrder, type OrderResult } from './run-order.js';
import { differencesOf } from './check-result.js';
import { DemoError, help, type Options, readOptions, STAFF_EMAIL } from './options.js';
import { type Burst, planOrders } from './plan.js';
import { Progress } from './progress.js';
import { ordersTable, totals } from './report.js';
import { Shop } from './shop.js';
import { readRange, restock } from './stock.js';

/** As many customers as compete for the last piece, so that each order is by another one. */
const CUSTOMERS = 6;
const AT_ONCE = 10;

const WITHOUT_STAFF = `Without the password of ${STAFF_EMAIL} the demo cannot show the sagas' steps, ship an order or restock.
The shop printed it at its first start; or start it with SEAM_STAFF_PASSWORD=<password>. Then:
  npm run demo -- --staff-password <password>`;

/** Resolves to whether every order ended as expected. */
async function run({ url, orders, staffPassword }: Options): Promise<boolean> {
  const out = process.stdout;
  const progress = new Progress(out, orders);
  const guest = new Shop(url);
  try {
    await guest.ready();
    const staff = staffPassword === undefined ? undefined : await guest.loginAsStaff(staffPassword);
    const range = await readRange(guest, staff);
    const bursts = planOrders(orders, range, staff !== undefined);
    await restock(bursts, guest, staff, (line) => progress.step(line));
    progress.step(`${CUSTOMERS} customers register`);
    const customers = await Promise.all(
      Array.from({ length: CUSTOMERS }, (_, index) => guest.customer(`Customer ${index + 1}`)),
    );
    const started = performance.now();
    const results = await driveAll(bursts, customers, staff, progress);
    const { text, right } = totals(results, range.scarce, performance.now() - started);
    progress.clear();
    out.write(`\n${ordersTable(results)}\n\n${text}\n`);
    if (staff === undefined) out.write(`\n${WITHOUT_STAFF}\n`);
    return right;
  } finally {
    progress.clear();
  }
}

/** A few bursts at a time, each as soon as one before it has ended; the results in the order of the plan. */
async function driveAll(
  bursts: readonly Burst[],
  customers: readonly Shop[],
  staff: Shop | undefined,
  progress: Progress,
): Promise<OrderResult[]> {
  const waiting = [...bursts];
  const results: OrderResult[] = [];
  const work = async (): Promise<void> => {
    for (let burst = waiting.shift(); burst !== undefined; burst = waiting.shift()) {
      await Promise.all(
        burst.map(async (planned) => {
          const customer = customers[planned.number % customers.length];
          if (customer === undefined) throw new Error('there are no customers');
          const result = await runOrder(planned, { customer, staff });
          results.push(result);
          progress.ended(result, differencesOf(result).length === 0);
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results.sort((a, b) => a.planned.number - b.planned.number);
}

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === undefined) process.stdout.write(help);
  else process.exitCode = (await run(options)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
