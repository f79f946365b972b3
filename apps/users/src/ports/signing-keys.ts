import type { SigningKey } from '@seam/security';
import type { JSONWebKeySet } from 'jose';

/** The keys that sign access tokens, the same for every process of this service. */
export abstract class SigningKeys {
  /** The newest key. */
  abstract current(): Promise<SigningKey>;
  /** The public keys: the newest, and those that may have signed tokens that are still valid. */
  abstract published(): Promise<JSONWebKeySet>;
  /** Adds a new key, which signs from now on. */
  abstract rotate(): Promise<void>;
}
