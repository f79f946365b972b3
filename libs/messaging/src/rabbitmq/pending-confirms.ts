import { DeliveryRejectedError } from '../publisher.js';

/** A message on its way to the broker. */
export interface PendingConfirm {
  /** No queue took it: the broker gave it back. */
  returned: boolean;
  end(error?: Error): void;
}

/** What was sent and is not confirmed yet, by message id: the same message may be under way twice. */
export class PendingConfirms {
  readonly #sent = new Map<string, Set<PendingConfirm>>();

  /** Sends, and settles as the message ends; one that has not ended by then is unknown, and rejects. */
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
