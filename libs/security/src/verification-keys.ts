import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** The public keys that verify access tokens, the same for every service of a process. */
export abstract class VerificationKeys {
  abstract get(): JWTVerifyGetKey;
}

/** How long keys are used before they are loaded again: after that, a withdrawn key is no longer accepted. */
const FRESH_MS = 10 * 60_000;
/** Minimum time between two reloads for unknown key ids, which limits the load of forged ids on the source. */
const RELOAD_AFTER_MS = 1_000;

/**
 * Keys from the service that owns them, wherever it runs. Loaded at the first use, kept for ten minutes (longer while the
 * source does not answer), and loaded again when a token names an unknown key, as after a rotation. Such a token cannot be
 * checked while the source does not answer; all others are checked as usual.
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

  /** Sets the source; called by the service that owns the keys. Keys loaded before are discarded. */
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

  /** Runs in the background; if it fails, the present keys stay in use. */
  private refresh(known: Promise<JWTVerifyGetKey>): void {
    this.loadedAt = this.now();
    this.fetch().then(
      (fresh) => {
        if (this.loaded === known) this.loaded = Promise.resolve(fresh);
      },
      () => undefined,
    );
  }

  /** The reload for tokens with an unknown key, shared by all of them; other tokens use the present keys. */
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

/** An answer of the source that is not a key set makes no token invalid: it is an error of the source. */
function keysIn(answer: JSONWebKeySet): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(answer);
  } catch (cause) {
    throw new Error('the source of the keys returned no keys', { cause });
  }
}
