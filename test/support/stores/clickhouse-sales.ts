import { createClient } from '@clickhouse/client';
import type { SalesStore } from './stores.js';

/** The sales' store on ClickHouse: it sends nothing, so no message waits. */
export function onClickHouse(url: string): SalesStore {
  const rows = async <R>(query: string): Promise<R[]> => {
    const client = createClient({ url, database: 'seam_analytics' });
    try {
      return await (await client.query({ query, format: 'JSONEachRow' })).json<R>();
    } finally {
      await client.close();
    }
  };
  return {
    sales: async () => {
      const [sums] = await rows<{ placed: string; revenue: string }>(
        `select countIf(type = 'placed') as placed, sum(revenue) as revenue from sales_fact final`,
      );
      return { placed: Number(sums?.placed ?? 0), revenue: Number(sums?.revenue ?? 0) };
    },
    waiting: () => Promise.resolve(0),
    dead: async () => {
      const letters = await rows<{ handler: string; reason: string }>(
        'select handler, reason from dead_letter final where deleted = 0',
      );
      return letters.map(({ handler, reason }) => `${handler}: ${reason}`);
    },
  };
}
