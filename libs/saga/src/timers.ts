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

/** The name under which sagas are set aside whose timeout cannot be handled. */
const SAGA_TIMERS = 'saga-timers';

/** Default number of sagas per poll, and how many of them may be set-aside ones. */
const AT_ONCE = 200;
const ASIDE_AT_ONCE = 20;
/** Pauses between the attempts for one saga, ms. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

interface Failed {
  readonly saga: SagaState;
  readonly error: unknown;
  /** The store is not available, or there was a conflict: no problem of the saga itself. */
  readonly passing: boolean;
}

export interface SagaTimersOptions {
  readonly sagas: OverdueSagas;
  readonly asides: Pick<SetAsides, 'of' | 'add' | 'remove'>;
  readonly runner: SagaRunner;
  readonly committer: Committer;
  readonly clock: Clock;
  /** How long a saga whose timeout this process cannot handle is left to other processes, ms. */
  readonly leftToOthersMs: number;
  /** Polling interval, ms. */
  readonly everyMs?: number;
  readonly atOnce?: number;
}

/**
 * Times sagas out. Their deadlines are in the sagas' events and read model, so a crash loses none. A saga that has moved on
 * meanwhile ignores its timeout, so two processes may time it out, or one of them twice.
 *
 * A saga whose timeout this process cannot handle does not block others: it is retried after growing pauses. A process of
 * another version may know its definition, or its events, so it is set aside only after no process has handled it for a
 * while. Even then every process retries it now and then, and the entry is deleted once one has moved the saga on.
 */
export class SagaTimers {
  readonly #log = new Logger('SagaTimers');
  readonly #failing = new Recurring(this.#log, {
    what: 'timeouts of sagas could not be handled',
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

  /** Polls once; resolves with how many sagas were timed out, and how many could not be, and pause. */
  async poll(): Promise<{ readonly timedOut: number; readonly paused: number }> {
    const { sagas, clock } = this.options;
    const now = clock.now();
    const aside = await this.#setAside();
    const overdue = await sagas.overdue(now, this.#atOnce, this.#notNow(aside, now.getTime()));
    const failed = (await Promise.all(overdue.map((saga) => this.#timeOut(saga)))).filter((one) => one !== undefined);
    for (const { id } of overdue) if (!failed.some(({ saga }) => saga.id === id)) this.#pauses.forget(id);
    const permanent = failed.filter((one) => this.#isPermanent(one, now.getTime()) && !aside.has(one.saga.id));
    await this.#addSetAside(permanent);
    this.#summarise(failed.filter((one) => !aside.has(one.saga.id) && !permanent.includes(one)));
    return { timedOut: overdue.length - failed.length, paused: failed.filter(({ passing }) => !passing).length };
  }

  /** The set-aside sagas; one that waits for something else by now has moved on, and its entry is deleted. */
  async #setAside(): Promise<ReadonlySet<string>> {
    const { sagas, asides } = this.options;
    const aside = await asides.of(SAGA_TIMERS);
    if (aside.length === 0) return new Set();
    const deadlines = await sagas.deadlines(aside.map(idOf));
    const moved = aside.filter((one) => deadlines.has(idOf(one)) && deadlines.get(idOf(one)) !== one.position);
    await asides.remove(SAGA_TIMERS, moved);
    return new Set(aside.filter((one) => !moved.includes(one)).map(idOf));
  }

  /** The sagas to skip: those that pause, and all but a few of the set-aside ones, so that they do not delay others. */
  #notNow(aside: ReadonlySet<string>, now: number): string[] {
    const waiting = new Set(this.#pauses.waiting(now));
    const due = [...aside].filter((id) => !waiting.has(id)).slice(0, ASIDE_AT_ONCE);
    return [...new Set([...waiting, ...aside])].filter((id) => !due.includes(id));
  }

  async #timeOut(saga: SagaState): Promise<Failed | undefined> {
    const { runner, committer } = this.options;
    try {
      await committer.commit(runner.onTimeout(saga));
      return undefined;
    } catch (error) {
      const away = error instanceof CodedError && error.kind === 'unavailable';
      return { saga, error, passing: away || isConflict(error) };
    }
  }

  #isPermanent({ saga, passing }: Failed, now: number): boolean {
    if (passing) return false;
    return this.#pauses.failed(saga.id, now, deadlineOf(saga)) >= this.options.leftToOthersMs;
  }

  async #addSetAside(failed: readonly Failed[]): Promise<void> {
    if (failed.length === 0) return;
    await this.options.asides.add(SAGA_TIMERS, failed.map(entryOf));
    this.#log.error(`set aside because their timeouts cannot be handled: ${summaryOf(failed)}`);
  }

  /** The store itself logs its outage, once for all callers. */
  #summarise(all: readonly Failed[]): void {
    const failed = all.filter(({ error }) => outageIn(error) === undefined);
    if (failed.length > 0) this.#failing.happened(`timeouts that were not handled: ${summaryOf(failed)}`);
  }

  #next(ms = this.options.everyMs ?? 1_000): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.poll().then(
        // If all sagas of one poll pause, there may be others behind them.
        ({ paused }) => this.#next(paused < this.#atOnce ? undefined : 0),
        (error: unknown) => {
          if (!this.#stopped && outageIn(error) === undefined)
            this.#failing.happened(`the poll failed, trying again: ${String(error)}`);
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
