import { Injectable } from '@nestjs/common';
import { Clock } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { type Queryable, transactionWork } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import { accessTokenProfile, type SigningKey } from '@seam/security';
import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
} from 'jose';
import { SigningKeys } from '../ports/signing-keys.js';

/** How soon this process signs with a key that another one made, at the latest. */
const FRESH_MS = 60_000;

interface Row {
  readonly kid: string;
  readonly public_jwk: JWK;
  readonly private_jwk: JWK;
}

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

  /** Read anew each time: a token of a key that is not among the known ones may be of one just made. */
  override async published(): Promise<JSONWebKeySet> {
    await this.newest();
    const rows = await this.rows();
    return { keys: rows.map(({ kid, public_jwk }) => ({ ...public_jwk, kid, alg: ALGORITHM, use: 'sig' })) };
  }

  override rotate(): Promise<void> {
    return this.insert(() => Promise.resolve(true));
  }

  private async load(): Promise<Loaded> {
    const { kid, private_jwk } = await this.newest();
    const privateKey = (await importJWK(private_jwk, ALGORITHM)) as CryptoKey;
    return { key: { kid, privateKey }, at: this.clock.now().getTime() };
  }

  /** Made here where there is none yet. */
  private async newest(): Promise<Row> {
    return (await this.rows())[0] ?? (await this.first());
  }

  /** Newest first; those replaced more than a day ago are left out, as no token of theirs is valid any more. */
  private rows(): Promise<Row[]> {
    return this.database.query<Row>(
      `select kid, public_jwk, private_jwk from (
         select *, lead(created_at) over (order by created_at, kid) as replaced_at from signing_key
       ) k where replaced_at is null or replaced_at > now() - interval '1 day' order by created_at desc, kid desc`,
    );
  }

  private async first(): Promise<Row> {
    await this.insert(async (db) => (await db.query('select from signing_key limit 1')).rows.length === 0);
    const row = (await this.rows())[0];
    if (row === undefined) throw new Error('there is no signing key, though one was just made');
    return row;
  }

  /** One process at a time; `wanted` is asked once the others have ended. */
  private async insert(wanted: (db: Queryable) => Promise<boolean>): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    const publicJwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const privateJwk = await exportJWK(privateKey);
    const change = transactionWork(async (db) => {
      await db.query('lock table signing_key in share row exclusive mode');
      if (await wanted(db)) {
        await db.query('insert into signing_key (kid, public_jwk, private_jwk) values ($1, $2, $3)', [
          kid,
          JSON.stringify(publicJwk),
          JSON.stringify(privateJwk),
        ]);
      }
      return { value: undefined, messages: [] };
    });
    await this.committer.commit(change);
    this.loaded = undefined;
  }
}

const ALGORITHM = accessTokenProfile.algorithm;
