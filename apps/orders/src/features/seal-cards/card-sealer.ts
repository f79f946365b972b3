import { setTimeout } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type PaymentMethod, PublishCardKey, type SealedPayment } from '@seam/contracts';
import { AggregateReader } from '@seam/event-sourcing';
import { CodedError, newId } from '@seam/kernel';
import { Committer, sending } from '@seam/messaging';
import { messageOf } from '@seam/messaging/contract';
import { Sealer } from '@seam/security';
import { CardKeys, KNOWN_KEYS } from './card-keys.js';

/** A replaced key may be used for this time; payments keeps it for days. */
const FRESH_MS = 60_000;
/** How long an order waits for the first key. */
const KEY_WAIT_MS = 2_000;
const POLL_INTERVAL_MS = 50;
const ASK_EVERY_MS = 30_000;

interface Current {
  readonly keyId: string;
  readonly sealer: Sealer;
  readonly until: number;
}

/**
 * Seals cards' tokens, so that no event, message or dead letter of an order has one that any other service than payments
 * can read. The key is cached: sealing an order's token reads nothing.
 */
@Injectable()
export class CardSealer implements OnApplicationBootstrap {
  #current: Current | undefined;
  #loading: Promise<Current> | undefined;
  #askedAt = -Infinity;

  constructor(
    private readonly reader: AggregateReader,
    private readonly committer: Committer,
  ) {}

  /** The first key, or a newer one than those whose messages went to an earlier store. */
  onApplicationBootstrap(): Promise<void> {
    return this.#ask();
  }

  /** Rejects with 503 `ORDER.CARD_KEY_MISSING` as long as payments has never published a key. */
  async seal(orderId: string, { method, token }: PaymentMethod): Promise<SealedPayment> {
    const known = this.#current;
    const { sealer } = known !== undefined && Date.now() < known.until ? known : await this.#load();
    return { method, sealed: sealer.seal(token, orderId) };
  }

  #load(): Promise<Current> {
    this.#loading ??= this.#newest().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #newest(): Promise<Current> {
    const deadline = Date.now() + KEY_WAIT_MS;
    for (;;) {
      const { state } = await this.reader.read(CardKeys, KNOWN_KEYS);
      if (state.newest !== undefined) {
        const { keyId, publicKey } = state.newest;
        const sealer = this.#current?.keyId === keyId ? this.#current.sealer : new Sealer(publicKey);
        return (this.#current = { keyId, sealer, until: Date.now() + FRESH_MS });
      }
      await this.#ask();
      if (Date.now() > deadline)
        throw new CodedError(
          'unavailable',
          'ORDER.CARD_KEY_MISSING',
          'Orders cannot be taken yet: the payments service has not published a key for cards; try again',
        );
      await setTimeout(POLL_INTERVAL_MS);
    }
  }

  async #ask(): Promise<void> {
    if (Date.now() - this.#askedAt < ASK_EVERY_MS) return;
    this.#askedAt = Date.now();
    await this.committer.commit(sending([messageOf(PublishCardKey, newId(), {})]));
  }
}
