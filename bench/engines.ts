import { ownEngine } from '@seam/testing/engines';
import { print } from './measure.js';

const URL_OF = { mongodb: 'MONGODB_URL', rabbitmq: 'RABBITMQ_URL', redis: 'REDIS_URL' } as const;

/**
 * Runs a benchmark on the server that its URL names, otherwise on one in a temporary container; prints why it
 * cannot run without either.
 */
export async function withEngine(name: keyof typeof URL_OF, bench: (url: string) => Promise<void>): Promise<void> {
  const given = process.env[URL_OF[name]];
  if (given !== undefined) return bench(given);
  const own = await ownEngine(name).catch((error: unknown) => {
    print(`\nskipped: no ${name}. Set ${URL_OF[name]}, or start Docker (${String(error).split('\n', 1)[0] ?? ''})`);
    return undefined;
  });
  if (own === undefined) return;
  try {
    await bench(own.url);
  } finally {
    await own.remove();
  }
}
