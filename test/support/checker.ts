import pg from 'pg';

/** Opens a service's database; the checker reads every store, and asks no service. */
export type DatabaseOf = (service: string) => string;

export interface Finding {
  readonly invariant: string;
  /** How much was looked at: a check that counted nothing proves nothing. */
  readonly counted: number;
  readonly violations: readonly string[];
}

async function rows<R extends object>(url: string, text: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}

interface OrderRow {
  id: string;
  status: string;
  total: number;
}

/** Every order, from its events. */
async function orders(databaseOf: DatabaseOf): Promise<OrderRow[]> {
  return rows<OrderRow>(
    databaseOf('orders'),
    `select data->>'orderId' as id, (data->'total'->>'amount')::int as total,
            coalesce((select substr(type, 7) from events e where e.stream = p.stream
                      and type in ('order-confirmed', 'order-cancelled', 'order-shipped')
                      order by version desc limit 1), 'pending') as status
     from events p where type = 'order-placed'`,
  );
}

/** Proves the invariants over all stores of a quiet shop; `accepted` are the orders that were answered with 2xx. */
export async function check(databaseOf: DatabaseOf, accepted: readonly string[]): Promise<Finding[]> {
  const all = await orders(databaseOf);
  return [
    lost(all, accepted),
    ended(all),
    ...(await sagas(databaseOf)),
    ...(await money(databaseOf, all)),
    ...(await stock(databaseOf, all)),
    ...(await messages(databaseOf)),
    ...(await readModels(databaseOf, all)),
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

async function sagas(databaseOf: DatabaseOf): Promise<Finding[]> {
  const found = await rows<{ id: string; status: string }>(databaseOf('orders'), 'select id, status from saga_view');
  const open = found.filter(({ status }) => status === 'running' || status === 'compensating');
  return [
    {
      invariant: 'every saga ends completed, compensated or parked',
      counted: found.length,
      violations: open.map(({ id, status }) => `${id} is ${status}`),
    },
  ];
}

async function money(databaseOf: DatabaseOf, all: readonly OrderRow[]): Promise<Finding[]> {
  const url = databaseOf('payments');
  const charges = await rows<{ key: string; times: number; captured: number; refunded: number }>(
    url,
    `select key, charged as times, (charged * amount)::int as captured, (refunds * amount)::int as refunded
     from fake_provider.charge`,
  );
  const paid = all.filter(({ status }) => status === 'confirmed' || status === 'shipped');
  const captured = charges.reduce((sum, charge) => sum + charge.captured - charge.refunded, 0);
  const due = paid.reduce((sum, { total }) => sum + total, 0);
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
      violations: captured === due ? [] : [`the provider holds ${captured}, the paid orders come to ${due}`],
    },
  ];
}

async function stock(databaseOf: DatabaseOf, all: readonly OrderRow[]): Promise<Finding[]> {
  const url = databaseOf('inventory');
  const levels = await rows<{ sku: string; on_hand: number; reserved: number; sold: number; held: number }>(
    url,
    `select sku, on_hand::int, reserved::int, sold::int,
            coalesce((select sum((line->>'quantity')::int) from reservation r, jsonb_array_elements(r.lines) line
                      where r.state in ('reserved', 'sold') and line->>'sku' = stock.sku), 0)::int as held
     from stock`,
  );
  const holding = await rows<{ order_id: string }>(
    url,
    "select order_id from reservation where state in ('reserved', 'sold')",
  );
  const holders = new Set(holding.map(({ order_id }) => order_id));
  const wrong = levels.filter((s) => s.on_hand < 0 || s.reserved < 0 || s.sold < 0 || s.reserved + s.sold !== s.held);
  const bought = (status: string): boolean => status === 'confirmed' || status === 'shipped';
  return [
    {
      invariant: 'stock is never negative, and what is reserved or sold is held by orders',
      counted: levels.length,
      violations: wrong.map((level) => JSON.stringify(level)),
    },
    {
      invariant: 'exactly the orders that were bought hold stock',
      counted: all.length,
      violations: all
        .filter(({ id, status }) => holders.has(id) !== bought(status))
        .map(({ id, status }) => `${id} is ${status} and ${holders.has(id) ? 'holds' : 'holds no'} stock`),
    },
  ];
}

const SERVICES = ['users', 'products', 'orders', 'inventory', 'payments', 'notifications', 'analytics'];

async function messages(databaseOf: DatabaseOf): Promise<Finding[]> {
  const left: string[] = [];
  const dead: string[] = [];
  for (const service of SERVICES) {
    const url = databaseOf(service);
    const [outbox] = await rows<{ n: number }>(
      url,
      'select count(*)::int as n from outbox where not_before is null or not_before < now()',
    );
    if (outbox !== undefined && outbox.n > 0) left.push(`${service} has ${outbox.n} messages to send`);
    const letters = await rows<{ handler: string; reason: string }>(url, 'select handler, reason from dead_letter');
    dead.push(...letters.map(({ handler, reason }) => `${handler}: ${reason}`));
  }
  return [
    { invariant: 'every message was sent', counted: SERVICES.length, violations: left },
    { invariant: 'no message was given up', counted: SERVICES.length, violations: dead },
  ];
}

async function readModels(databaseOf: DatabaseOf, all: readonly OrderRow[]): Promise<Finding[]> {
  const view = await rows<{ id: string; status: string }>(databaseOf('orders'), 'select id, status from order_view');
  const shown = new Map(view.map(({ id, status }) => [id, status]));
  const off = all.filter(({ id, status }) => shown.get(id) !== status);
  return [
    {
      invariant: 'the read model shows every order as its events do',
      counted: view.length,
      violations: off.map(({ id, status }) => `${id} is ${status}, shown as ${shown.get(id) ?? 'nothing'}`),
    },
  ];
}
