import type { ServiceDefinition } from './service-definition.js';

/** All that an application tells the host. Every process of one system is given the same, but for `services`. */
export interface SystemDefinition {
  /** The services that this program may host. */
  readonly services: readonly ServiceDefinition[];
  /** Every service of the system that takes messages, wherever it runs, with the events it takes. */
  readonly subscriptions: Readonly<Record<string, readonly { readonly type: string }[]>>;
  /** The names of the settings that services of the system declare, wherever they run. */
  readonly settings: readonly string[];
  /** Who issues access tokens. None: only `SEAM_JWKS_URL` says where the keys come from that they are checked with. */
  readonly keys?: KeyService;
  readonly texts: SystemTexts;
}

export interface KeyService {
  /** The service's name, by which discovery finds it. */
  readonly service: string;
  /** Where it publishes its public keys, as a JSON Web Key Set. */
  readonly path: string;
}

/** What users read of the system: plain text. */
export interface SystemTexts {
  /** Such as `Seam`. */
  readonly name: string;
  /** What it is, without a full stop: of the page at `/` and of the API's document. */
  readonly purpose: string;
  /** What its HTTP API is about, as a list with commas: of the page at `/`. */
  readonly topics: string;
}
