import pg from 'pg';
import { type OrderRow, STATUS_OF, STEP_DONE, type Stores } from './stores.js';

/** The URL of a service's database. */
export type DatabaseOf = (service: string) => string;

async function rows<R extends object>(url: string, text: string, values: unknown[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Every service's store on PostgreSQL. */
export function onPostgres(databaseOf: DatabaseOf): Stores {
  const query = <R extends object>(service: string, text: string, values?: unknown[]): Promise<R[]> =>
    rows<R>(databaseOf(service), text, values);
  const messages = (service: string): Stores['users'] => ({
    waiting: async () => {
      const due = `select (select count(*) from outbox where not_before is null or not_before < now())::int +
                          (select count(*) from outbox_packed)::int +
                          (select count(*) from outbox_ordered)::int as n`;
      const [outbox] = await query<{ n: number }>(service, due);
      return outbox?.n ?? 0;
    },
    dead: async () => {
      const letters = await query<{ handler: string; reason: string }>(
        service,
        'select handler, reason from dead_letter',
      );
      return letters.map(({ handler, reason }) => `${handler}: ${reason}`);
    },
  });
  const of =
    <R extends object>(service: string, text: string, values?: unknown[]) =>
    (): Promise<R[]> =>
      query<R>(service, text, values);
  return {
    users: messages('users'),
    products: messages('products'),
    notifications: messages('notifications'),
    orders: {
      ...messages('orders'),
      orders: async () => {
        const found = await query<OrderRow & { last: string }>('orders', ORDERS, [Object.keys(STATUS_OF)]);
        return found.map(({ id, total, last }) => ({ id, total, status: STATUS_OF[last] ?? last }));
      },
      shown: of('orders', 'select id, status from order_list'),
      sagas: of('orders', 'select id, status from saga_list'),
      stepsDone: async () => {
        const found = await query<{ step: string }>('orders', STEPS, [STEP_DONE]);
        return found.map(({ step }) => step);
      },
    },
    inventory: {
      ...messages('inventory'),
      levels: of('inventory', 'select sku, on_hand::int as available, reserved::int, sold::int from stock'),
      holdings: of(
        'inventory',
        `select order_id as "orderId", lines from reservation where state in ('reserved', 'sold')`,
      ),
    },
    payments: { ...messages('payments'), charges: of('payments', CHARGES) },
    analytics: {
      ...messages('analytics'),
      sales: async () => {
        const [sales] = await query<{ placed: number; revenue: number }>('analytics', SALES);
        return sales ?? { placed: 0, revenue: 0 };
      },
    },
  };
}

const ORDERS = `select data->>'orderId' as id, (data->'total'->>'amount')::int as total,
       (select type from events e where e.stream = p.stream and type = any($1) order by version desc limit 1) as last
from events p where type = 'order-placed'`;

const STEPS = `select stream || ' ' || type || ' ' || (data->>'step') as step from events where type = any($1)`;

const CHARGES = `select key, charged as times, (charged * amount)::int as captured, (refunds * amount)::int as refunded
from fake_provider.charge`;

const SALES = `select coalesce(sum(placed), 0)::int as placed, coalesce(sum(revenue), 0)::int as revenue
from sales_hour`;
