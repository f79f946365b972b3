import { Injectable, Logger } from '@nestjs/common';
import { CardKeyPublished, PublishCardKey } from '@seam/contracts';
import { newId, type OutgoingMessage } from '@seam/kernel';
import type { Work } from '@seam/messaging';
import { messageOf } from '@seam/messaging/contract';
import { transactionWork } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import { newSealingKeyPair, Opener, sealedFor } from '@seam/security';
import { CardKeys } from '../ports/card-keys.js';

/** How long tokens are sealed with one key. */
const REPLACED_MS = 86_400_000;
/** How long a private key is kept after its replacement: orders that are parked for longer cannot be charged any more. */
const DELETED_AFTER = '7 days';
/** How long a private key may stay in memory after it was deleted, ms. */
const FRESH_MS = 60_000;

interface KeyRow {
  readonly id: string;
  readonly public_key: string;
  readonly created_at: Date;
}

interface Loaded {
  readonly opener: Opener;
  readonly until: number;
}

@Injectable()
export class PostgresCardKeys extends CardKeys {
  readonly #log = new Logger('CardKeys');
  readonly #openers = new Map<string, Promise<Loaded | undefined>>();

  constructor(private readonly database: Database) {
    super();
  }

  override async tokenOf(orderId: string, sealed: string): Promise<string | undefined> {
    const keyId = sealedFor(sealed);
    const opener = keyId === undefined ? undefined : await this.#opener(keyId);
    if (opener === undefined) return undefined;
    try {
      return opener.open(sealed, orderId);
    } catch {
      this.#log.warn(`the token of order ${orderId} was not sealed for this order, or was changed`);
      return undefined;
    }
  }

  override publish(replaces?: string): Work<void> {
    return transactionWork(async (entities) => {
      await entities.query('lock table card_key in share row exclusive mode');
      const rows: KeyRow[] = await entities.query(NEWEST);
      const newest = rows[0];
      if (newest !== undefined && newest.id !== replaces && !isOld(newest))
        return { value: undefined, messages: [published(newest)] };
      const { id, publicKey, privateKey } = newSealingKeyPair();
      await entities.query(REPLACE);
      const inserted: KeyRow[] = await entities.query(INSERT, [id, publicKey, privateKey]);
      await entities.query(DELETE);
      const next = { notBefore: new Date(Date.now() + REPLACED_MS) };
      return {
        value: undefined,
        messages: [...inserted.map(published), messageOf(PublishCardKey, newId(), { replaces: id }, next)],
      };
    });
  }

  async #opener(keyId: string): Promise<Opener | undefined> {
    const known = await this.#openers.get(keyId);
    if (known !== undefined && Date.now() < known.until) return known.opener;
    const loading = this.#load(keyId);
    this.#openers.set(keyId, loading);
    const loaded = await loading.catch((error: unknown) => {
      this.#openers.delete(keyId);
      throw error;
    });
    if (loaded === undefined) this.#openers.delete(keyId);
    return loaded?.opener;
  }

  async #load(keyId: string): Promise<Loaded | undefined> {
    const text = 'select private_key from card_key where id = $1';
    const [row] = await this.database.prepared<{ private_key: string }>('payments_card_key', text, [keyId]);
    return row && { opener: new Opener(row.private_key), until: Date.now() + FRESH_MS };
  }
}

const isOld = ({ created_at }: KeyRow): boolean => Date.now() - created_at.getTime() > REPLACED_MS;

const published = ({ id, public_key: publicKey, created_at }: KeyRow): OutgoingMessage =>
  messageOf(CardKeyPublished, newId(), { keyId: id, publicKey, createdAt: created_at.toISOString() });

const NEWEST = 'select id, public_key, created_at from card_key where replaced_at is null';
const REPLACE = 'update card_key set replaced_at = now() where replaced_at is null';
const INSERT = `
  insert into card_key (id, public_key, private_key) values ($1, $2, $3) returning id, public_key, created_at`;
const DELETE = `delete from card_key where replaced_at < now() - interval '${DELETED_AFTER}'`;
