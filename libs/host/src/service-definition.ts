import type { DynamicModule, Type } from '@nestjs/common';
import type { ApiDocument } from './docs/api-document.js';
import type { EdgeHandler } from './edge-handler.js';
import type { Settings } from './settings.js';
import type { SettingsDeclaration } from './settings-reader.js';
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
  /** What it can be told by its environment; it has the values from `ProcessContext.settings.of`. */
  readonly settings?: SettingsDeclaration;
  /** The services it sends commands to or takes events from: it cannot run where they cannot be reached. */
  readonly needs: readonly string[];
  /** Of its module's providers the one that sees each of the process' requests before the application. */
  readonly edgeHandler?: Type<EdgeHandler>;
  /** Of its module's providers the one that completes what `/docs` shows of the process. */
  readonly document?: Type<ApiDocument>;
  /** `false` where it takes and sends no messages: it has no receiver, and no dead letters. */
  readonly messages?: false;
}

/** What a process knows of the services that make up one system with its own, wherever they run. */
export interface SystemDefinition {
  /** The names of the settings that they declare. */
  readonly settings: readonly string[];
}

/** What of the settings decides which services a process hosts, and how it reaches the others. */
export type Grouping = Pick<Settings, 'services' | 'transport' | 'jwksUrl' | 'peers' | 'consulUrl'>;

/**
 * The services to host: those asked for, or all. Throws {@link StartError} for a name nobody knows, and for a service
 * that needs another one it can reach neither in this process nor from it.
 */
export function selectServices(known: readonly ServiceDefinition[], grouping: Grouping): readonly ServiceDefinition[] {
  const { services: wanted, transport } = grouping;
  const selected = wanted === undefined ? known : known.filter(({ name }) => wanted.includes(name));
  const names = known.map(({ name }) => name);
  const unknown = (wanted ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new StartError(`SEAM_SERVICES names ${unknown.join(', ')}: the services here are ${names.join(', ')}`);
  }
  const hosted = new Set(selected.map(({ name }) => name));
  if (transport === 'in-process') checkMessages(selected, hosted);
  else checkKeys(selected, hosted, grouping);
  return selected;
}

function checkMessages(selected: readonly ServiceDefinition[], hosted: ReadonlySet<string>): void {
  const missing = selected.flatMap(({ name, needs }) => {
    const unreachable = needs.filter((need) => !hosted.has(need));
    return unreachable.length === 0 ? [] : [`${name} needs ${unreachable.join(', ')}`];
  });
  if (missing.length === 0) return;
  throw new StartError(
    `Not every service can reach what it needs:\n  ${missing.join('\n  ')}\n` +
      'Host them here as well (SEAM_SERVICES), or say where the broker is that reaches them in other processes (RABBITMQ_URL).',
  );
}

/** Access tokens are checked by every service, with the keys of `users`. */
function checkKeys(
  selected: readonly ServiceDefinition[],
  hosted: ReadonlySet<string>,
  { jwksUrl, peers, consulUrl }: Grouping,
): void {
  if (hosted.has('users') || jwksUrl !== undefined || consulUrl !== undefined || peers?.['users'] !== undefined) return;
  throw new StartError(
    `${selected.map(({ name }) => name).join(', ')}: access tokens are checked with the keys of users, which is not hosted here.\n` +
      'Say where it is: CONSUL_URL, SEAM_PEERS=users=http://host:port, or SEAM_JWKS_URL.',
  );
}

export const moduleFor = (module: Type | ModuleBySettings, settings: Settings): Type | DynamicModule =>
  'on' in module ? module.on(settings) : module;
