import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

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
 * the source is away), and loaded again when a token names a key that is not among them, as after a rotation. Whether
 * such a token is good nobody knows while the source is away; for all others nothing changes.
 */
export class LocalVerificationKeys extends VerificationKeys {
  private load: (() => Promise<JSONWebKeySet>) | undefined;
  private loaded: Promise<JWTVerifyGetKey> | undefined;
  private loadedAt = Number.NEGATIVE_INFINITY;
  private reloading: Promise<JWTVerifyGetKey> | undefined;
  private reloadedAt = Number.NEGATIVE_INFINITY;
  private reloadFailure: Error | undefined;

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
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        return (await this.reload(error))(header, token);
      }
    };
  }

  private current(): Promise<JWTVerifyGetKey> {
    if (this.loaded !== undefined && this.now() - this.loadedAt > FRESH_MS) this.refresh(this.loaded);
    this.loaded ??= this.fetch().catch((error: unknown) => {
      this.loaded = undefined;
      throw error;
    });
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

  /** For tokens whose key is not known, all of which share one; the others go on with what is there. */
  private reload(unknown: Error): Promise<JWTVerifyGetKey> {
    if (this.reloading !== undefined) return this.reloading;
    if (this.now() - this.reloadedAt < RELOAD_AFTER_MS) return Promise.reject(this.reloadFailure ?? unknown);
    this.reloadedAt = this.now();
    this.reloadFailure = undefined;
    this.reloading = this.fetch()
      .then(
        (fresh) => {
          this.loaded = Promise.resolve(fresh);
          return fresh;
        },
        (error: unknown) => {
          this.reloadFailure = error as Error;
          throw error;
        },
      )
      .finally(() => (this.reloading = undefined));
    return this.reloading;
  }

  private async fetch(): Promise<JWTVerifyGetKey> {
    if (this.load === undefined) throw new errors.JWKSNoMatchingKey();
    const answer = await this.load();
    const keys = keysIn(answer);
    this.loadedAt = this.now();
    return keys;
  }
}

/** What a source answers that is no set of keys says nothing about any token. */
function keysIn(answer: JSONWebKeySet): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(answer);
  } catch (cause) {
    throw new Error('the source of the keys returned no keys', { cause });
  }
}
