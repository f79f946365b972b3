import type { CommandContract, EventContract } from '@seam/messaging/contract';
import type { ServiceDefinition } from './service-definition.js';

/** The definition of an application for the host. The same in every process of one system, except `services`. */
export interface SystemDefinition {
  /** The services that this program may host. */
  readonly services: readonly ServiceDefinition[];
  /** All services of the system that receive messages, wherever they run, with the events they handle. */
  readonly subscriptions: Readonly<
    Record<string, readonly { readonly type: string; readonly key?: (data: never) => string }[]>
  >;
  /**
   * The messages that each service sends: `/docs/asyncapi.json` is made of these and the subscriptions. Undefined:
   * there is no such document.
   */
  readonly sent?: Readonly<Record<string, SentMessages>>;
  /** Services that get commands with a key. Those that subscribe to an event with a key need not be listed. */
  readonly ordered?: readonly string[];
  /** The names of the settings that the services of the system declare, wherever they run. */
  readonly settings: readonly string[];
  /** The service that issues access tokens. Undefined: only `SEAM_JWKS_URL` says where their keys are. */
  readonly keys?: KeyService;
  readonly texts: SystemTexts;
}

export interface SentMessages {
  readonly events: readonly EventContract[];
  readonly commands: readonly CommandContract[];
}

export interface KeyService {
  /** The service's name, by which discovery finds it. */
  readonly service: string;
  /** Where it publishes its public keys, as a JSON Web Key Set. */
  readonly path: string;
}

/** Texts about the system for its users, plain text. */
export interface SystemTexts {
  /** Such as `Seam`. */
  readonly name: string;
  /** What it is, without a full stop: for the page at `/` and the API document. */
  readonly purpose: string;
  /** The subjects of its HTTP API, as a list with commas: for the page at `/`. */
  readonly topics: string;
}
