import { createLocalJWKSet, createRemoteJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** The public keys access tokens are checked with, the same for every service of a process. */
export abstract class VerificationKeys {
  abstract get(): JWTVerifyGetKey;
}

/** For how long keys are trusted before their source is asked again: one that it no longer names is gone by then. */
const FRESH_MS = 10 * 60_000;
/** The least time between two reloads for unknown key ids: what a flood of forged ones may cost the source. */
const RELOAD_AFTER_MS = 1_000;

/**
 * Keys from the service that owns them, wherever it is. Loaded at the first use, kept for ten minutes (longer while
 * the source is away), and loaded again when a token names a key that is not among them, as after a rotation.
 */
export class LocalVerificationKeys extends VerificationKeys {
  private load: (() => Promise<JSONWebKeySet>) | undefined;
  private loaded: Promise<JWTVerifyGetKey> | undefined;
  private loadedAt = Number.NEGATIVE_INFINITY;
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
    if (this.loaded !== undefined && this.now() - this.loadedAt > FRESH_MS) this.refresh(this.loaded);
    this.loaded ??= this.fetch();
    return this.loaded;
  }

  /** Nobody waits for it, and what is there serves on where it fails. */
  private refresh(known: Promise<JWTVerifyGetKey>): void {
    this.loadedAt = this.now();
    this.fetch().then(
      (fresh) => {
        if (this.loaded === known) this.loaded = Promise.resolve(fresh);
      },
      () => undefined,
    );
  }

  private async fetch(): Promise<JWTVerifyGetKey> {
    if (this.load === undefined) throw new errors.JWKSNoMatchingKey();
    try {
      const keys = createLocalJWKSet(await this.load());
      this.loadedAt = this.now();
      return keys;
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
