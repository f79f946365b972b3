import { Outbox, type OutboxEntry } from '../outbox.js';

/** The outbox of a service that sends nothing. */
export class NoOutbox extends Outbox {
  override dispatched(): Promise<void> {
    return Promise.resolve();
  }

  override claim(): Promise<OutboxEntry[]> {
    return Promise.resolve([]);
  }

  override adopt(): Promise<void> {
    return Promise.resolve();
  }

  override lag(): Promise<{ waiting: number; oldestSeconds: number }> {
    return Promise.resolve({ waiting: 0, oldestSeconds: 0 });
  }
}
