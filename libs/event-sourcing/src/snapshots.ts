import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Logger } from '@nestjs/common';
import { Recurring } from '@seam/kernel';
import { outageIn } from '@seam/persistence';
import type { SnapshotPolicy } from './aggregate.js';
import type { EventStore, Snapshot } from './event-store.js';

/** A stream's state that is durable, and the version of the last state that was stored of it, or is worth storing. */
export interface Snapshottable {
  readonly stream: string;
  readonly state: unknown;
  readonly version: number;
  /** The version of the snapshot that it was read from, or 0. */
  readonly since: number;
}

/**
 * Stores states of streams after they are durable, in the background: no caller waits for it. A snapshot that is not
 * stored, because the store does not answer or the process ends, is only missing: the stream is read from an earlier
 * one, and offered again by the next reader.
 */
export class SnapshotWriter {
  readonly #waiting = new Map<string, Snapshot>();
  readonly #failing = new Recurring(new Logger('Snapshots'), { what: 'snapshots failed', remindMs: 60_000 });
  #writing: Promise<void> | undefined;

  constructor(private readonly store: Pick<EventStore, 'saveSnapshots'>) {}

  /** Stores it if so many events have been appended since the last one. The state is not changed after this. */
  offer({ every, version: shape }: SnapshotPolicy, { stream, state, version, since }: Snapshottable): void {
    if (version - since < every) return;
    this.#waiting.set(stream, { stream, version, shape, state });
    this.#writing ??= this.#write();
  }

  /** Resolves when nothing waits to be stored. */
  async idle(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.size > 0) {
      // The caller continues first.
      await setImmediate();
      const snapshots = [...this.#waiting.values()];
      this.#waiting.clear();
      await this.#save(snapshots.filter((snapshot) => this.#isPlain(snapshot)));
    }
    this.#writing = undefined;
  }

  async #save(snapshots: readonly Snapshot[]): Promise<void> {
    try {
      if (snapshots.length > 0) await this.store.saveSnapshots(snapshots);
    } catch (error) {
      // The store itself logs its outage.
      if (outageIn(error) === undefined) this.#failing.happened(`snapshots were not stored: ${String(error)}`);
    }
  }

  /** Whether the state is the same after it was stored as JSON. */
  #isPlain({ stream, state }: Snapshot): boolean {
    try {
      if (isDeepStrictEqual(JSON.parse(JSON.stringify(state)), state)) return true;
    } catch {
      // Not JSON at all, such as a bigint.
    }
    this.#failing.happened(
      `${stream} gets no snapshot: its state is not plain JSON, without undefined, dates, maps and classes; ` +
        'change the state, or remove `snapshots` from its aggregate',
    );
    return false;
  }
}
