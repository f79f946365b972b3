import { type Settings, StartError } from '@seam/process';
import type { ServiceDefinition } from './service-definition.js';
import type { KeyService, SystemDefinition } from './system-definition.js';

/** The settings that decide which services a process hosts, and how it reaches the others. */
export type Grouping = Pick<Settings, 'services' | 'transport' | 'jwksUrl' | 'peers' | 'consulUrl'>;

/**
 * The services to host: the selected ones, or all. Throws {@link StartError} for a name that no service or two services have, and
 * for a service that needs another one it can reach neither in this process nor from it.
 */
export function selectServices(
  { services: known, keys }: Pick<SystemDefinition, 'services' | 'keys'>,
  grouping: Grouping,
): readonly ServiceDefinition[] {
  const { services: wanted, transport } = grouping;
  const selected = wanted === undefined ? known : known.filter(({ name }) => wanted.includes(name));
  const names = known.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0)
    throw new StartError(`Two services are called ${twice[0]}: give each service of the system a name of its own`);
  const unknown = (wanted ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new StartError(`SEAM_SERVICES names ${unknown.join(', ')}: the services here are ${names.join(', ')}`);
  }
  const hosted = new Set(selected.map(({ name }) => name));
  if (transport === 'in-process') checkMessages(selected, hosted);
  else if (keys !== undefined) checkKeys(selected, hosted, keys, grouping);
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
      'Host them here as well (SEAM_SERVICES), or set RABBITMQ_URL to the broker that reaches them in other processes.',
  );
}

/** Access tokens are checked by every service, with the keys of the one that issues them. */
function checkKeys(
  selected: readonly ServiceDefinition[],
  hosted: ReadonlySet<string>,
  { service: issuer }: KeyService,
  { jwksUrl, peers, consulUrl }: Grouping,
): void {
  if (hosted.has(issuer) || jwksUrl !== undefined || consulUrl !== undefined || peers?.[issuer] !== undefined) return;
  throw new StartError(
    `${selected.map(({ name }) => name).join(', ')}: access tokens are checked with the keys of ${issuer}, which is not hosted here.\n` +
      `Set where it is: CONSUL_URL, SEAM_PEERS=${issuer}=http://host:port, or SEAM_JWKS_URL.`,
  );
}
