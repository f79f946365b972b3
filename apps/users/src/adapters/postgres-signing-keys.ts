import { Injectable } from '@nestjs/common';
import { Clock } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { transactionWork } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import { accessTokenProfile, type SigningKey } from '@seam/security';
import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
} from 'jose';
import type { EntityManager } from 'typeorm';
import { SigningKeys } from '../ports/signing-keys.js';
import { SigningKeyEntity } from './signing-key.entity.js';

/** After this time at most, this process signs with a key that another process created, ms. */
const FRESH_MS = 60_000;

/** How long a replaced key is still published, ms: longer than the lifetime of any token that it has signed. */
const RETIRED_MS = 86_400_000;

interface Loaded {
  readonly key: SigningKey;
  readonly at: number;
}

@Injectable()
export class PostgresSigningKeys extends SigningKeys {
  private loaded: Promise<Loaded> | undefined;

  constructor(
    private readonly database: Database,
    private readonly committer: Committer,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async current(): Promise<SigningKey> {
    const known = await this.loaded;
    if (known !== undefined && this.clock.now().getTime() - known.at < FRESH_MS) return known.key;
    const loading = this.load();
    this.loaded = loading;
    loading.catch(() => (this.loaded = undefined));
    return (await loading).key;
  }

  /** Read from the database each time: a token with an unknown key may be signed by a key that was just created. */
  override async published(): Promise<JSONWebKeySet> {
    await this.newest();
    const rows = await this.rows();
    return { keys: rows.map(({ kid, publicJwk }) => ({ ...publicJwk, kid, alg: ALGORITHM, use: 'sig' })) };
  }

  override rotate(): Promise<void> {
    return this.insert(() => Promise.resolve(true));
  }

  private async load(): Promise<Loaded> {
    const { kid, privateJwk } = await this.newest();
    const privateKey = (await importJWK(privateJwk, ALGORITHM)) as CryptoKey;
    return { key: { kid, privateKey }, at: this.clock.now().getTime() };
  }

  /** Creates the first key if there is none. */
  private async newest(): Promise<SigningKeyEntity> {
    return (await this.rows())[0] ?? (await this.first());
  }

  /** Newest first, without those replaced more than a day ago: all tokens signed with them have expired. */
  private async rows(): Promise<SigningKeyEntity[]> {
    const order = { createdAt: 'DESC', kid: 'DESC' } as const;
    const all = await this.database.read((entities) => entities.find(SigningKeyEntity, { order }));
    const retired = this.clock.now().getTime() - RETIRED_MS;
    return all.filter((_, index) => (all[index - 1]?.createdAt.getTime() ?? Infinity) > retired);
  }

  private async first(): Promise<SigningKeyEntity> {
    await this.insert(async (entities) => !(await entities.exists(SigningKeyEntity)));
    const row = (await this.rows())[0];
    if (row === undefined) throw new Error('there is no signing key, although one was just created');
    return row;
  }

  /**
   * Inserts a key if `wanted` resolves with true. Only one process does so at a time; `wanted` is called while this
   * process holds the lock.
   */
  private async insert(wanted: (entities: EntityManager) => Promise<boolean>): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    const publicJwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const privateJwk = await exportJWK(privateKey);
    const change = transactionWork(async (entities) => {
      await entities.query('lock table signing_key in share row exclusive mode');
      if (await wanted(entities)) await entities.insert(SigningKeyEntity, { kid, publicJwk, privateJwk });
      return { value: undefined, messages: [] };
    });
    await this.committer.commit(change);
    this.loaded = undefined;
  }
}

const ALGORITHM = accessTokenProfile.algorithm;
