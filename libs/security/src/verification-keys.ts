import { createLocalJWKSet, createRemoteJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** The public keys access tokens are checked with, the same for every service of a process. */
export abstract class VerificationKeys {
  abstract get(): JWTVerifyGetKey;
}

/** The least time between two reloads for unknown key ids: what a flood of forged ones may cost the source. */
const RELOAD_AFTER_MS = 1_000;

/**
 * Keys from the service that owns them, in this process. Loaded at the first use, kept, and loaded again when a token
 * names a key that is not among them, as one does after a rotation by another process.
 */
export class LocalVerificationKeys extends VerificationKeys {
  private load: (() => Promise<JSONWebKeySet>) | undefined;
  private loaded: Promise<JWTVerifyGetKey> | undefined;
  private reloadedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly now: () => number = Date.now) {
    super();
  }

  /** Names the source; called by the service that owns the keys. What was loaded before is forgotten. */
  use(load: () => Promise<JSONWebKeySet>): void {
    this.load = load;
    this.loaded = undefined;
  }

  override get(): JWTVerifyGetKey {
    return async (header, token) => {
      try {
        return await (
          await this.current()
        )(header, token);
      } catch (error) {
        const soon = this.now() - this.reloadedAt < RELOAD_AFTER_MS;
        if (!(error instanceof errors.JWKSNoMatchingKey) || soon) throw error;
        this.reloadedAt = this.now();
        this.loaded = undefined;
        return (await this.current())(header, token);
      }
    };
  }

  private current(): Promise<JWTVerifyGetKey> {
    this.loaded ??= this.fetch();
    return this.loaded;
  }

  private async fetch(): Promise<JWTVerifyGetKey> {
    if (this.load === undefined) throw new errors.JWKSNoMatchingKey();
    try {
      return createLocalJWKSet(await this.load());
    } catch (error) {
      this.loaded = undefined;
      throw error;
    }
  }
}

/** Keys from another process' `/.well-known/jwks.json`, cached, and fetched again for an unknown key id. */
export class RemoteVerificationKeys extends VerificationKeys {
  private readonly keys: JWTVerifyGetKey;

  constructor(url: URL) {
    super();
    this.keys = createRemoteJWKSet(url, { timeoutDuration: 3_000, cooldownDuration: RELOAD_AFTER_MS });
  }

  override get(): JWTVerifyGetKey {
    return this.keys;
  }
}
