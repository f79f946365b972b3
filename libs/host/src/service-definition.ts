import type { DynamicModule, Type } from '@nestjs/common';
import type { Front } from './front.js';
import type { Settings } from './settings.js';
import { StartError } from './start-error.js';

/** A module that takes its adapters by the settings: which engine a service's data is in. */
export interface ModuleBySettings {
  on(settings: Settings): DynamicModule;
}

/** What a service tells its host. */
export interface ServiceDefinition {
  /** As in message types and database names: lower case. */
  readonly name: string;
  readonly module: Type | ModuleBySettings;
  /** The services it sends commands to or takes events from: it cannot run where they cannot be reached. */
  readonly needs: readonly string[];
  /** Of its module's providers the one that sees each of the process' requests before the application. */
  readonly front?: Type<Front>;
  /** `false` where it takes and sends no messages: it has no receiver, and no dead letters. */
  readonly messages?: false;
}

/**
 * The services to host: those asked for, or all. Throws {@link StartError} for a name nobody knows, and for a service
 * that needs one not hosted here: without a broker there is no way to it.
 */
export function selectServices(
  known: readonly ServiceDefinition[],
  wanted: readonly string[] | undefined,
): readonly ServiceDefinition[] {
  const selected = wanted === undefined ? known : known.filter(({ name }) => wanted.includes(name));
  const names = known.map(({ name }) => name);
  const unknown = (wanted ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new StartError(`SEAM_SERVICES names ${unknown.join(', ')}: the services here are ${names.join(', ')}`);
  }
  const hosted = new Set(selected.map(({ name }) => name));
  const missing = selected.flatMap(({ name, needs }) => {
    const unreachable = needs.filter((need) => !hosted.has(need));
    return unreachable.length === 0 ? [] : [`${name} needs ${unreachable.join(', ')}`];
  });
  if (missing.length > 0) {
    throw new StartError(
      `Not every service can reach what it needs:\n  ${missing.join('\n  ')}\n` +
        'Add them to SEAM_SERVICES: this version has no broker to reach another process by.',
    );
  }
  return selected;
}

export const moduleFor = (module: Type | ModuleBySettings, settings: Settings): Type | DynamicModule =>
  'on' in module ? module.on(settings) : module;
