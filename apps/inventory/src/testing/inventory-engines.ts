import { engine } from '@seam/testing/engines';
import { Redis } from 'ioredis';
import { startTestServer } from '@seam/persistence/testing';

/** A store of the service's data, and how to close it. */
export interface InventoryEngine {
  readonly environment: Record<string, string>;
  stop(): unknown;
}

export const onPostgres = async (): Promise<InventoryEngine> => {
  const postgres = await startTestServer();
  return { environment: { DATABASE_URL: postgres.url('postgres') }, stop: () => postgres.stop() };
};

/** In a database of its own on the shared server. */
export const onRedis = async (): Promise<InventoryEngine> => {
  const url = `${engine('redis')!.url}/5`;
  const redis = new Redis(url);
  await redis.flushdb();
  return { environment: { REDIS_URL: url }, stop: () => redis.disconnect() };
};
