import type { InjectionToken, Provider } from '@nestjs/common';
import { StartError } from './start-error.js';

/**
 * Checks that there is an adapter of each port. Throws a {@link StartError} that names those that are missing, and says
 * what to add.
 * @param whose what has the adapters, such as `the store of orders`
 */
export function requireAdapters(
  whose: string,
  adapters: readonly Provider[],
  ports: readonly (InjectionToken & { readonly name: string })[],
): void {
  const there = new Set(adapters.map((adapter) => (typeof adapter === 'function' ? adapter : adapter.provide)));
  const missing = ports.filter((port) => !there.has(port)).map(({ name }) => name);
  if (missing.length === 0) return;
  const lines = missing.map((name) => `Add { provide: ${name}, useClass: … } to them.`);
  throw new StartError(`The adapters of ${whose} lack ${missing.join(', ')}.\n${lines.join('\n')}`);
}
