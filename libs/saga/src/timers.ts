import { Logger } from '@nestjs/common';
import type { Clock } from '@seam/kernel';
import type { Committer } from '@seam/messaging';
import type { SagaState } from './engine/state.js';
import type { SagaRunner } from './runner.js';

export interface OverdueSagas {
  overdue(now: Date, limit: number): Promise<SagaState[]>;
}

/**
 * Tells sagas that their time limit is over. The limits live in the sagas' events and their view, so a crash forgets
 * none; a saga that has moved on meanwhile ignores it, so it does no harm when two processes tell it, or tell it twice.
 */
export class SagaTimers {
  readonly #log = new Logger('SagaTimers');
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = true;

  constructor(
    private readonly options: {
      readonly sagas: OverdueSagas;
      readonly runner: SagaRunner;
      readonly committer: Committer;
      readonly clock: Clock;
      /** Between looks, ms. */
      readonly everyMs?: number;
    },
  ) {}

  start(): void {
    this.#stopped = false;
    this.#next();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** Looks once; resolves with how many sagas were overdue. One that cannot be told is logged, and told at the next look. */
  async look(): Promise<number> {
    const { sagas, clock } = this.options;
    const overdue = await sagas.overdue(clock.now(), 200);
    await Promise.all(overdue.map((saga) => this.#tell(saga)));
    return overdue.length;
  }

  async #tell(saga: SagaState): Promise<void> {
    const { runner, committer } = this.options;
    try {
      await committer.commit(runner.onTimeout(saga));
    } catch (error) {
      this.#log.error(
        `saga ${saga.id} (${saga.definition}) could not be told its time limit is over: ${String(error)}`,
      );
    }
  }

  #next(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.look().then(
        () => this.#next(),
        (error: unknown) => {
          if (!this.#stopped) this.#log.warn(`will look again: ${String(error)}`);
          this.#next();
        },
      );
    }, this.options.everyMs ?? 1_000);
  }
}
