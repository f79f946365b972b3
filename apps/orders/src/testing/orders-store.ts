import { canStart, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { startTestServer } from '@seam/persistence/testing';

/** The engines on which the orders service can be tested here. */
export const engines = ['postgres', ...(canStart('mongodb') ? (['mongodb'] as const) : [])] as const;

export interface OrdersStore {
  /** The environment variables that select this store. */
  readonly environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** A server of its own for one test, because the service's database always has the same name. */
export async function openOrdersStore(name: (typeof engines)[number]): Promise<OrdersStore> {
  if (name === 'postgres') {
    const server = await startTestServer();
    return { environment: { DATABASE_URL: server.url('postgres') }, remove: () => server.stop() };
  }
  const server: OwnEngine = await ownEngine(name);
  return { environment: { MONGODB_URL: server.url }, remove: () => server.remove() };
}
