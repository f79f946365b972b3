import { DeliveryRejectedError } from '../publisher.js';

/** A message that is being sent to the broker. */
export interface PendingConfirm {
  /** The broker returned it, because it was not routed to any queue. */
  returned: boolean;
  end(error?: Error): void;
}

/** Messages that were sent and are not confirmed yet, by message id: the same message may be in progress twice. */
export class PendingConfirms {
  readonly #sent = new Map<string, Set<PendingConfirm>>();

  /** Sends a message, and settles when it is confirmed or refused; rejects after `withinMs`, when its outcome is unknown. */
  track(id: string, withinMs: number, send: (sent: PendingConfirm) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const sent: PendingConfirm = {
        returned: false,
        end: (error) => {
          clearTimeout(timer);
          this.#forget(id, sent);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      const timer = setTimeout(() => {
        sent.end(new DeliveryRejectedError(`the broker did not confirm within ${withinMs / 1_000} s`));
      }, withinMs);
      const same = this.#sent.get(id);
      if (same === undefined) this.#sent.set(id, new Set([sent]));
      else same.add(sent);
      send(sent);
    });
  }

  returned(id: string): void {
    for (const sent of this.#sent.get(id) ?? []) sent.returned = true;
  }

  rejectAll(error: Error): void {
    for (const same of [...this.#sent.values()]) for (const sent of [...same]) sent.end(error);
  }

  #forget(id: string, sent: PendingConfirm): void {
    const same = this.#sent.get(id);
    same?.delete(sent);
    if (same?.size === 0) this.#sent.delete(id);
  }
}
