import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Committer, work } from '@seam/messaging';
import { outageIn } from '@seam/persistence';
import { DrainRegistry, ProcessContext } from '@seam/process';
import { StockKind, StockReader } from '../../ports/stock.js';
import { inventorySettings } from '../../inventory.settings.js';

const POLL_INTERVAL_MS = 60_000;
const AT_ONCE = 100;

/**
 * Expires reservations of orders that are neither confirmed nor released in time (SEAM_RESERVATION_S). Any number of
 * processes may do so at once: a reservation expires once. The first sweep is some time after the start, so that waiting
 * messages, such as the event of a confirmed order, are handled before it.
 */
@Injectable()
export class ExpireReservations implements OnApplicationBootstrap {
  private readonly log = new Logger('ExpireReservations');
  private timer: NodeJS.Timeout | undefined;
  private expiring: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly context: ProcessContext,
    private readonly stock: StockReader,
    private readonly committer: Committer,
    private readonly drains: DrainRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const { reservationMs } = this.context.settings.of(inventorySettings);
    this.timer = setInterval(
      () => {
        this.expiring = this.expiring.then(() => this.expire(new Date(Date.now() - reservationMs)));
      },
      Math.min(POLL_INTERVAL_MS, reservationMs),
    );
    this.drains.add({ name: 'expiring reservations', drain: () => this.stop() });
  }

  /** Expires what was reserved before this time; resolves with how many orders that were. */
  async expire(before: Date): Promise<number> {
    let expired = 0;
    try {
      for (let found = AT_ONCE; found === AT_ONCE && !this.stopped; expired += found) {
        const orders = await this.stock.overdue(before, AT_ONCE);
        await Promise.all(orders.map((orderId) => this.committer.commit(expiry(orderId))));
        found = orders.length;
      }
    } catch (error) {
      if (outageIn(error) === undefined)
        this.log.warn(`reservations could not be expired, trying again later: ${String(error)}`);
    }
    if (expired > 0) this.log.log(`${expired} reservations have expired; their pieces can be ordered again`);
    return expired;
  }

  private async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.expiring;
  }
}

const expiry = (orderId: string) =>
  work(StockKind, { type: 'expire', orderId }, () => ({ value: undefined, messages: [] }));
