import { eventually } from '@seam/testing';
import type { OrderRow, Stores } from './stores/stores.js';

export interface Finding {
  readonly invariant: string;
  /** The number of checked items: a check without any proves nothing. */
  readonly counted: number;
  readonly violations: readonly string[];
}

const isBroken = ({ counted, violations }: Finding): boolean => counted === 0 || violations.length > 0;

/**
 * Proves the invariants over all stores of a quiet shop; `accepted` are the orders that were answered with 2xx. As long
 * as work is in progress it reports only that: the rest cannot hold yet, and reading every order slows the shop down.
 */
async function check(stores: Stores, accepted: readonly string[]): Promise<Finding[]> {
  const sent = await messages(stores);
  if (sent.some(isBroken)) return sent;
  const over = await sagas(stores);
  if (isBroken(over)) return [over];
  const all = await stores.orders.orders();
  return [
    ...sent,
    over,
    lost(all, accepted),
    ended(all),
    ...(await money(stores, all)),
    ...(await stock(stores, all)),
    await readModel(stores, all),
    ...(await sales(stores, all)),
  ];
}

function lost(all: readonly OrderRow[], accepted: readonly string[]): Finding {
  const known = new Set(all.map(({ id }) => id));
  const missing = accepted.filter((id) => !known.has(id));
  return { invariant: 'an accepted order is never lost', counted: accepted.length, violations: missing };
}

function ended(all: readonly OrderRow[]): Finding {
  const hanging = all.filter(({ status }) => status === 'pending').map(({ id }) => `${id} is pending`);
  return { invariant: 'every order reaches its end', counted: all.length, violations: hanging };
}

async function sagas({ orders }: Stores): Promise<Finding> {
  const found = await orders.sagas();
  const open = found.filter(({ status }) => status === 'running' || status === 'compensating');
  return {
    invariant: 'every saga ends completed, compensated or parked',
    counted: found.length,
    violations: open.map(({ id, status }) => `${id} is ${status}`),
  };
}

const isPaid = ({ status }: OrderRow): boolean => status === 'confirmed' || status === 'shipped';
const dueFor = (all: readonly OrderRow[]): number => all.filter(isPaid).reduce((sum, { total }) => sum + total, 0);

async function money({ payments }: Stores, all: readonly OrderRow[]): Promise<Finding[]> {
  const charges = await payments.charges();
  const kept = charges.reduce((sum, charge) => sum + charge.captured - charge.refunded, 0);
  const due = dueFor(all);
  return [
    {
      invariant: 'nobody is charged twice',
      counted: charges.length,
      violations: charges.filter(({ times }) => times > 1).map(({ key, times }) => `${key} was charged ${times} times`),
    },
    {
      invariant: 'nothing is given back twice',
      counted: charges.length,
      violations: charges.filter((charge) => charge.refunded > charge.captured).map(({ key }) => key),
    },
    {
      invariant: 'captured minus refunded equals the sum of paid orders',
      counted: charges.length,
      violations: kept === due ? [] : [`the provider holds ${kept}, the paid orders amount to ${due}`],
    },
  ];
}

async function stock({ inventory }: Stores, all: readonly OrderRow[]): Promise<Finding[]> {
  const [levels, holdings] = await Promise.all([inventory.levels(), inventory.holdings()]);
  const held = new Map<string, number>();
  for (const { sku, quantity } of holdings.flatMap(({ lines }) => lines))
    held.set(sku, (held.get(sku) ?? 0) + quantity);
  const holders = new Set(holdings.map(({ orderId }) => orderId));
  const isWrong = ({ sku, available, reserved, sold }: (typeof levels)[number]): boolean =>
    available < 0 || reserved < 0 || sold < 0 || reserved + sold !== (held.get(sku) ?? 0);
  return [
    {
      invariant: 'stock is never negative, and what is reserved or sold is held by orders',
      counted: levels.length,
      violations: levels.filter(isWrong).map((level) => JSON.stringify({ ...level, held: held.get(level.sku) ?? 0 })),
    },
    {
      invariant: 'exactly the orders that were bought hold stock',
      counted: all.length,
      violations: all
        .filter((order) => holders.has(order.id) !== isPaid(order))
        .map(({ id, status }) => `${id} is ${status} and ${holders.has(id) ? 'holds' : 'holds no'} stock`),
    },
  ];
}

async function messages(stores: Stores): Promise<Finding[]> {
  const left: string[] = [];
  const dead: string[] = [];
  for (const [service, store] of Object.entries(stores) as [string, Stores['users']][]) {
    const waiting = await store.waiting();
    if (waiting > 0) left.push(`${service} has ${waiting} messages to send`);
    dead.push(...(await store.dead()).map((letter) => `${service}: ${letter}`));
  }
  const counted = Object.keys(stores).length;
  return [
    { invariant: 'every message was sent', counted, violations: left },
    { invariant: 'no message was given up', counted, violations: dead },
  ];
}

async function readModel({ orders }: Stores, all: readonly OrderRow[]): Promise<Finding> {
  const view = await orders.shown();
  const shown = new Map(view.map(({ id, status }) => [id, status]));
  const off = all.filter(({ id, status }) => shown.get(id) !== status);
  return {
    invariant: 'the read model shows every order as its events do',
    counted: view.length,
    violations: off.map(({ id, status }) => `${id} is ${status}, shown as ${shown.get(id) ?? 'nothing'}`),
  };
}

async function sales({ analytics }: Stores, all: readonly OrderRow[]): Promise<Finding[]> {
  const { placed, revenue } = await analytics.sales();
  const due = dueFor(all);
  return [
    {
      invariant: 'every order is counted once',
      counted: placed,
      violations: placed === all.length ? [] : [`${placed} are counted of ${all.length}`],
    },
    {
      invariant: 'the revenue is the sum of paid orders',
      counted: placed,
      violations: revenue === due ? [] : [`the revenue is ${revenue}, the paid orders amount to ${due}`],
    },
  ];
}

/** Waits until every invariant holds over all stores, each with at least one item. */
export const allKept = (stores: () => Stores, accepted: readonly string[], withinMs: number): Promise<Finding[]> =>
  eventually(
    async () => {
      const findings = await check(stores(), accepted);
      const broken = findings.filter(isBroken);
      if (broken.length > 0)
        throw new Error(JSON.stringify(broken.map((f) => ({ ...f, violations: f.violations.slice(0, 5) }))));
      return findings;
    },
    { withinMs },
  );
