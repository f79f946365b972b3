import type { SigningKey } from '@seam/security';
import type { JSONWebKeySet } from 'jose';

/** The keys access tokens are signed with, the same for every process of this service. */
export abstract class SigningKeys {
  /** The newest. */
  abstract current(): Promise<SigningKey>;
  /** The public keys: the newest, and those that tokens still valid may be signed with. */
  abstract published(): Promise<JSONWebKeySet>;
  /** Adds a new key, which signs from now on. */
  abstract rotate(): Promise<void>;
}
