import { Logger } from '@nestjs/common';
import { inSpan, isTracing, type Message } from '@seam/kernel';
import type { AfterCommit } from './committer.js';
import { describeMessage } from './describe-message.js';
import type { Outbox, OutboxEntry } from './outbox.js';
import type { Publisher } from './publisher.js';

export interface RelayOptions {
  readonly service: string;
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  /** How often the sweep looks for messages that are due, ms. */
  readonly sweepEveryMs?: number;
  /** The most messages under way at a time; what is beyond waits in the outbox for a sweep. */
  readonly inFlightLimit?: number;
  /** What carries the messages, as traces name it: `rabbitmq`. */
  readonly system?: string;
}

/** Acknowledged entries leave the outbox together, at most this much later: until then a crash sends them again. */
const FORGET_AFTER_MS = 100;
/** What was not taken is sent again from memory, after this time: sooner than a sweep would take it for abandoned. */
const AGAIN_AFTER_MS = 1_000;
/** What is beyond waits in the outbox alone. */
const POSTPONED_LIMIT = 5_000;
/** Entries of one sweep; an entry holds the messages of one commit. */
const CLAIM = 100;

/**
 * Sends a service's messages: those of a commit straight from memory, after it; those that are delayed, or that a crash
 * or a failure left behind, by a sweep. At least once, in no promised order; forgotten only once the other side has them.
 */
export class Relay implements AfterCommit {
  readonly #log: Logger;
  /** By their messages' ids: whether the other side took them. */
  readonly #underWay = new Map<string, Promise<boolean>>();
  readonly #entries = new Map<string, Promise<void>>();
  readonly #postponed = new Map<string, OutboxEntry>();
  #againTimer: NodeJS.Timeout | undefined;
  #acknowledged: string[] = [];
  #forgetTimer: NodeJS.Timeout | undefined;
  #forgetting: Promise<void> = Promise.resolve();
  #sweepTimer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #nextSweep = Infinity;
  #state: 'new' | 'running' | 'stopped' = 'new';

  constructor(private readonly options: RelayOptions) {
    this.#log = new Logger(`Relay ${options.service}`);
  }

  /** Begins to send. On a store that nobody else uses, what a dead process held is taken at once. */
  async start(exclusiveStore: boolean): Promise<void> {
    if (exclusiveStore) await this.options.outbox.adopt();
    this.#state = 'running';
    this.#sweepIn(0);
  }

  /** Ends the sweeps and waits for what is under way, which its receivers end or give back. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    clearTimeout(this.#sweepTimer);
    clearTimeout(this.#againTimer);
    await this.#sweeping;
    await Promise.all(this.#entries.values());
    clearTimeout(this.#forgetTimer);
    await this.#forgetting;
    await this.#forget();
  }

  handOver(entries: readonly OutboxEntry[]): void {
    const now = Date.now();
    for (const entry of entries) {
      if (entry.notBefore === undefined || entry.notBefore.getTime() <= now) this.#send(entry);
      // A little later: timers may fire early by a moment, and then it would have to wait for the next sweep.
      else this.#sweepIn(entry.notBefore.getTime() - now + 3);
    }
  }

  async dispatched(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.flatMap((id) => this.#underWay.get(id) ?? []));
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  get #room(): number {
    return (this.options.inFlightLimit ?? 20_000) - this.#underWay.size;
  }

  #send(entry: OutboxEntry): void {
    const { id, messages } = entry;
    if (this.#state === 'stopped' || this.#entries.has(id) || this.#room <= 0) return;
    this.#postponed.delete(id);
    const sent = Promise.all(messages.map((message) => this.#deliver(message))).then((taken) => {
      this.#entries.delete(id);
      if (taken.every(Boolean)) this.#acknowledge(id);
      else this.#postpone({ ...entry, messages: messages.filter((_, index) => taken[index] === false) });
    });
    this.#entries.set(id, sent);
  }

  /** It stays in the outbox, too: should this process die, a sweep sends it when its lease ends. */
  #postpone(entry: OutboxEntry): void {
    if (this.#state !== 'running' || this.#postponed.size >= POSTPONED_LIMIT) return;
    this.#postponed.set(entry.id, entry);
    this.#againTimer ??= setTimeout(() => {
      this.#againTimer = undefined;
      for (const postponed of [...this.#postponed.values()]) this.#send(postponed);
    }, AGAIN_AFTER_MS);
  }

  #deliver(message: Message): Promise<boolean> {
    const delivered = this.#publish(message).then(
      () => {
        this.#underWay.delete(message.id);
        return true;
      },
      (error: unknown) => {
        this.#underWay.delete(message.id);
        if (this.#state === 'running') this.#log.warn(`${message.type} ${message.id} not sent yet: ${String(error)}`);
        return false;
      },
    );
    this.#underWay.set(message.id, delivered);
    return delivered;
  }

  /** Rejects where the publisher throws: the messages behind this one are none of its business. */
  async #publish(message: Message): Promise<void> {
    if (isTracing()) await this.#traced(message);
    else await this.options.publisher.publish(message);
  }

  /** The sending is a span of the trace that posted the message; its receivers continue it from there. */
  #traced(message: Message): Promise<void> {
    const { type, traceparent: parent, correlationId } = message;
    const options = { service: this.options.service, kind: 'producer', parent, correlationId } as const;
    return inSpan(
      `send ${type}`,
      { ...options, attributes: describeMessage(message, this.options.system) },
      ({ traceparent = parent }) =>
        this.options.publisher.publish(traceparent === undefined ? message : { ...message, traceparent }),
    );
  }

  #acknowledge(id: string): void {
    this.#acknowledged.push(id);
    this.#forgetTimer ??= setTimeout(() => {
      this.#forgetTimer = undefined;
      this.#forgetting = this.#forgetting.then(() => this.#forget());
    }, FORGET_AFTER_MS);
  }

  async #forget(): Promise<void> {
    const ids = this.#acknowledged;
    if (ids.length === 0) return;
    this.#acknowledged = [];
    try {
      await this.options.outbox.dispatched(ids);
    } catch (error) {
      // Their lease ends and they are sent again; their receivers know them.
      this.#log.warn(`the messages of ${ids.length} commits are still in the outbox: ${String(error)}`);
    }
  }

  /** At the latest; a sweep that is due before that stays as it is. */
  #sweepIn(ms: number): void {
    const at = Date.now() + ms;
    if (this.#state !== 'running' || at >= this.#nextSweep) return;
    clearTimeout(this.#sweepTimer);
    this.#nextSweep = at;
    this.#sweepTimer = setTimeout(() => {
      this.#nextSweep = Infinity;
      // A timer counts from the start of the event loop's turn, so it may fire early: nothing would be due yet.
      const early = at - Date.now();
      if (early > 0) this.#sweepIn(early);
      else this.#sweeping = this.#sweeping.then(() => this.#sweep());
    }, ms);
  }

  async #sweep(): Promise<void> {
    let full = false;
    try {
      // No more than can be sent: what is claimed beyond that would wait for its lease to end.
      const most = Math.min(CLAIM, this.#room);
      const due = most > 0 ? await this.options.outbox.claim(most) : [];
      full = most > 0 && due.length >= most;
      for (const entry of due) this.#send(entry);
    } catch (error) {
      if (this.#state === 'running') this.#log.warn(`the outbox could not be read: ${String(error)}`);
    }
    this.#sweepIn(full ? 0 : (this.options.sweepEveryMs ?? 250));
  }
}
