import { Logger } from '@nestjs/common';
import { Pauses, reasonOf, type SetAside, type SetAsideEntry, type SetAsides, streamOf } from '@seam/event-sourcing';
import { type Clock, CodedError, Recurring } from '@seam/kernel';
import { type Committer, isConflict } from '@seam/messaging';
import { outageIn } from '@seam/persistence';
import { deadlineOf, Saga, type SagaState } from './engine/state.js';
import type { SagaRunner } from './runner.js';

export interface OverdueSagas {
  overdue(now: Date, limit: number, except: readonly string[]): Promise<SagaState[]>;
  deadlines(ids: readonly string[]): Promise<Map<string, string | undefined>>;
}

/** What sagas are set aside by that cannot be told their time limit. */
export const SAGA_TIMERS = 'saga-timers';

/** Sagas told at one look, unless told otherwise; of those that are set aside, only so many. */
const AT_ONCE = 200;
const ASIDE_AT_ONCE = 20;
/** Pauses between the tries of one saga, ms. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

interface Failed {
  readonly saga: SagaState;
  readonly error: unknown;
  /** The store is away, or the saga contended for: nothing is the matter with the saga. */
  readonly passing: boolean;
}

export interface SagaTimersOptions {
  readonly sagas: OverdueSagas;
  readonly asides: Pick<SetAsides, 'of' | 'add' | 'remove'>;
  readonly runner: SagaRunner;
  readonly committer: Committer;
  readonly clock: Clock;
  /** For how long a saga that this process cannot tell is left to others that may, ms. */
  readonly leftToOthersMs: number;
  /** Between looks, ms. */
  readonly everyMs?: number;
  readonly atOnce?: number;
}

/**
 * Tells sagas that their time limit is over. The limits live in the sagas' events and are found in the list made of them, so a
 * crash forgets none; a saga that has moved on meanwhile ignores it, so it does no harm when two processes tell it, or tell it twice.
 *
 * One that this process cannot tell takes no other's turn: it is tried again after ever longer pauses. A process of
 * another version may know its definition, or its events, so only where nobody has told it for a while it is set aside.
 * It is tried all the same, now and then, by every process, and let go when one has moved it on.
 */
export class SagaTimers {
  readonly #log = new Logger('SagaTimers');
  readonly #failing = new Recurring(this.#log, {
    what: 'tries to tell sagas their time limit failed',
    quietMs: 2 * LONGEST_PAUSE_MS,
    remindMs: 60_000,
  });
  readonly #pauses = new Pauses(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
  readonly #atOnce: number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = true;

  constructor(private readonly options: SagaTimersOptions) {
    this.#atOnce = options.atOnce ?? AT_ONCE;
  }

  start(): void {
    this.#stopped = false;
    this.#next();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    this.#failing.end();
  }

  /** Looks once; resolves with how many sagas were told, and how many could not be, and pause. */
  async look(): Promise<{ readonly told: number; readonly paused: number }> {
    const { sagas, clock } = this.options;
    const now = clock.now();
    const aside = await this.#setAside();
    const overdue = await sagas.overdue(now, this.#atOnce, this.#notNow(aside, now.getTime()));
    const failed = (await Promise.all(overdue.map((saga) => this.#tell(saga)))).filter((one) => one !== undefined);
    for (const { id } of overdue) if (!failed.some(({ saga }) => saga.id === id)) this.#pauses.forget(id);
    const hopeless = failed.filter((one) => this.#isHopeless(one, now.getTime()) && !aside.has(one.saga.id));
    await this.#leaveAside(hopeless);
    this.#summarise(failed.filter((one) => !aside.has(one.saga.id) && !hopeless.includes(one)));
    return { told: overdue.length - failed.length, paused: failed.filter(({ passing }) => !passing).length };
  }

  /** The sagas that are set aside; one that waits for something else by now has gone on, and is not any more. */
  async #setAside(): Promise<ReadonlySet<string>> {
    const { sagas, asides } = this.options;
    const aside = await asides.of(SAGA_TIMERS);
    if (aside.length === 0) return new Set();
    const deadlines = await sagas.deadlines(aside.map(idOf));
    const moved = aside.filter((one) => deadlines.has(idOf(one)) && deadlines.get(idOf(one)) !== one.position);
    await asides.remove(SAGA_TIMERS, moved);
    return new Set(aside.filter((one) => !moved.includes(one)).map(idOf));
  }

  /** Those that pause; of those that are set aside all but a few: nobody else is to wait for them. */
  #notNow(aside: ReadonlySet<string>, now: number): string[] {
    const waiting = new Set(this.#pauses.waiting(now));
    const due = [...aside].filter((id) => !waiting.has(id)).slice(0, ASIDE_AT_ONCE);
    return [...new Set([...waiting, ...aside])].filter((id) => !due.includes(id));
  }

  async #tell(saga: SagaState): Promise<Failed | undefined> {
    const { runner, committer } = this.options;
    try {
      await committer.commit(runner.onTimeout(saga));
      return undefined;
    } catch (error) {
      const away = error instanceof CodedError && error.kind === 'unavailable';
      return { saga, error, passing: away || isConflict(error) };
    }
  }

  #isHopeless({ saga, passing }: Failed, now: number): boolean {
    if (passing) return false;
    return this.#pauses.failed(saga.id, now, deadlineOf(saga)) >= this.options.leftToOthersMs;
  }

  async #leaveAside(failed: readonly Failed[]): Promise<void> {
    if (failed.length === 0) return;
    await this.options.asides.add(SAGA_TIMERS, failed.map(entryOf));
    this.#log.error(`set aside, as their time limits cannot be told: ${summaryOf(failed)}`);
  }

  /** An outage of the store is told by the store, once for all who meet it. */
  #summarise(all: readonly Failed[]): void {
    const failed = all.filter(({ error }) => outageIn(error) === undefined);
    if (failed.length > 0) this.#failing.happened(`not told that their time limit is over: ${summaryOf(failed)}`);
  }

  #next(ms = this.options.everyMs ?? 1_000): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.look().then(
        // Where all of one look pause, others may be waiting behind them.
        ({ paused }) => this.#next(paused < this.#atOnce ? undefined : 0),
        (error: unknown) => {
          if (!this.#stopped && outageIn(error) === undefined)
            this.#failing.happened(`will look again: ${String(error)}`);
          this.#next();
        },
      );
    }, ms);
  }
}

const entryOf = ({ saga, error }: Failed): SetAsideEntry => ({
  stream: streamOf(Saga, saga.id),
  position: deadlineOf(saga) ?? '',
  reason: reasonOf(error),
});

const idOf = ({ stream }: Pick<SetAside, 'stream'>): string => stream.slice(Saga.category.length + 1);

function summaryOf(failed: readonly Failed[]): string {
  const [first] = failed;
  if (first === undefined) return 'none';
  const { saga, error } = first;
  const others = failed.length === 1 ? '' : `, and ${failed.length - 1} more`;
  return `saga ${saga.id} (${saga.definition}): ${reasonOf(error)}${others}`;
}
