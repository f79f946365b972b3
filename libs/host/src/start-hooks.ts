import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { within } from '@seam/kernel';
import { StartError } from '@seam/process';

const HOOKS = ['onModuleInit', 'onApplicationBootstrap'] as const;
type Hooked = Partial<Record<(typeof HOOKS)[number], () => unknown>>;

/** Initialises the application; rejects with a {@link StartError} that names the hooks which have not ended in time. */
export async function initialise(app: INestApplication, withinMs: number): Promise<void> {
  const running = watchHooks(app);
  if (await within(app.init(), withinMs)) return;
  throw new StartError(
    `The start takes too long: after ${withinMs / 1_000} s, still running: ${running().join(', ') || 'unknown'}`,
  );
}

/** Returns the hooks in progress, such as `RoomSeed.onApplicationBootstrap`. Call before the application's init. */
function watchHooks(app: INestApplication): () => string[] {
  const running = new Set<string>();
  const instances = [...app.get(ModulesContainer).values()].flatMap(({ providers, controllers }) =>
    [...providers.values(), ...controllers.values()].map(({ instance }) => instance as Hooked | null | undefined),
  );
  for (const instance of new Set(instances)) {
    for (const hook of HOOKS) {
      const original = instance?.[hook];
      if (instance === null || typeof instance !== 'object' || typeof original !== 'function') continue;
      const name = `${instance.constructor.name}.${hook}`;
      instance[hook] = async () => {
        running.add(name);
        try {
          await original.call(instance);
        } finally {
          running.delete(name);
        }
      };
    }
  }
  return () => [...running];
}
