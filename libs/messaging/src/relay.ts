import { Logger } from '@nestjs/common';
import { inSpan, isTracing, type Message, Recurring } from '@seam/kernel';
import { outageIn } from '@seam/persistence';
import { LRUCache } from 'lru-cache';
import type { AfterCommit } from './committer.js';
import type { DeadLetterStore } from './consumer.js';
import { unsentBy } from './dead-letters.js';
import { describeMessage } from './describe-message.js';
import type { Outbox, OutboxEntry } from './outbox.js';
import { type Publisher, type SendingWindow, UndeliverableError } from './publisher.js';
import { roughBytes } from './rough-bytes.js';

export interface RelayOptions {
  readonly service: string;
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  /** Keeps what can never be sent. */
  readonly deadLetters: DeadLetterStore;
  /** How often the sweep looks for messages that are due, ms. */
  readonly sweepEveryMs?: number;
  /** How much is under way at a time, where the publisher does not say; what is beyond waits in the outbox. */
  readonly window?: SendingWindow;
  /** What carries the messages, as traces name it: `rabbitmq`. */
  readonly system?: string;
}

const WIDE: SendingWindow = { messages: 20_000, bytes: 16 * 1024 * 1024 };
/** Acknowledged entries leave the outbox together, at most this much later: until then a crash sends them again. */
const FORGET_AFTER_MS = 100;
/** What was not taken is given back to the outbox, to be sent again after this time. */
const AGAIN_AFTER_MS = 1_000;
/** The most entries to be given back together; the lease of what is beyond ends by itself. */
const GIVEN_BACK_LIMIT = 10_000;
/** Entries of one sweep; an entry holds the messages of one commit. */
const CLAIM = 100;
/** What an entry is taken for until some have been seen. */
const ENTRY_BYTES = 64 * 1024;
/** Entries of which some messages were taken, and are remembered: the others are sent again without them. */
const PARTLY_LIMIT = 1_000;

/**
 * Sends a service's messages: those of a commit straight from memory, after it; those that are delayed, or that a crash
 * or a failure left behind, by a sweep. At least once, in no promised order; forgotten only once the other side has them.
 * No more is in memory than may be under way: what the other side does not take now waits in the outbox alone.
 */
export class Relay implements AfterCommit {
  readonly #log: Logger;
  /** By their messages' ids: whether the other side took them. */
  readonly #underWay = new Map<string, Promise<boolean>>();
  #bytesUnderWay = 0;
  readonly #entries = new Map<string, Promise<void>>();
  /** By entry: the messages of it that were taken, where others were not. */
  readonly #partly = new LRUCache<string, ReadonlySet<string>>({ max: PARTLY_LIMIT });
  #acknowledged: string[] = [];
  #unsent: string[] = [];
  #settleTimer: NodeJS.Timeout | undefined;
  #settling: Promise<void> = Promise.resolve();
  #sweepTimer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #nextSweep = Infinity;
  #entryBytes = ENTRY_BYTES;
  #state: 'new' | 'running' | 'stopped' = 'new';
  /** Commits whose messages were left in the outbox, since the publisher takes none. */
  #waiting = 0;
  readonly #failing: Recurring;
  readonly #storeFailing: Recurring;

  constructor(private readonly options: RelayOptions) {
    this.#log = new Logger(`Relay ${options.service}`);
    this.#failing = new Recurring(this.#log, { what: 'messages were not taken at once' });
    this.#storeFailing = new Recurring(this.#log, { what: 'times the outbox did not answer' });
  }

  /** Begins to send, unless stopped by then. On a store that nobody else uses, what a dead process held is taken at once. */
  async start(exclusiveStore: boolean): Promise<void> {
    if (exclusiveStore) await this.options.outbox.adopt();
    if (this.#state === 'stopped') return;
    this.#state = 'running';
    this.#sweepIn(0);
  }

  /** Ends the sweeps and waits for what is under way, which its receivers end or give back. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    clearTimeout(this.#sweepTimer);
    await this.#sweeping;
    await Promise.all(this.#entries.values());
    clearTimeout(this.#settleTimer);
    await this.#settling;
    await this.#settle();
    this.#failing.end();
    this.#storeFailing.end();
  }

  handOver(entries: readonly OutboxEntry[]): void {
    const now = Date.now();
    for (const entry of entries) {
      if (entry.notBefore === undefined || entry.notBefore.getTime() <= now) this.#send(entry);
      // A little later: timers may fire early by a moment, and then it would have to wait for the next sweep.
      else this.#sweepIn(entry.notBefore.getTime() - now + 3);
    }
  }

  async whenDispatched(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.flatMap((id) => this.#underWay.get(id) ?? []));
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  get #ready(): boolean {
    return this.options.publisher.ready?.() ?? true;
  }

  get #room(): SendingWindow {
    const { messages, bytes } = this.options.publisher.window ?? this.options.window ?? WIDE;
    return { messages: messages - this.#underWay.size, bytes: bytes - this.#bytesUnderWay };
  }

  get #full(): boolean {
    const { messages, bytes } = this.#room;
    return messages <= 0 || bytes <= 0;
  }

  #send(entry: OutboxEntry): void {
    const { id, unreadable } = entry;
    if (this.#state === 'stopped' || this.#entries.has(id)) return;
    if (!this.#ready || this.#full) {
      if (!this.#ready) this.#waiting += 1;
      this.#giveBack(id);
      return;
    }
    const taken = this.#partly.get(id);
    const messages = taken === undefined ? entry.messages : entry.messages.filter((each) => !taken.has(each.id));
    const sending = messages.map((message) => this.#deliver(message));
    if (unreadable !== undefined)
      sending.push(this.#setAside(this.#standIn(id, unreadable.content), unreadable.reason));
    const sent = Promise.all(sending).then((ends) => {
      this.#entries.delete(id);
      this.#partly.delete(id);
      if (ends.every(Boolean)) return this.#acknowledge(id);
      const more = messages.filter((_, index) => ends[index]).map((each) => each.id);
      if (more.length > 0 || taken !== undefined) this.#partly.set(id, new Set([...(taken ?? []), ...more]));
      this.#giveBack(id);
    });
    this.#entries.set(id, sent);
  }

  #deliver(message: Message): Promise<boolean> {
    const bytes = roughBytes(message);
    this.#bytesUnderWay += bytes;
    const delivered = this.#publish(message)
      .then(
        () => true,
        (error: unknown) => this.#notTaken(message, error),
      )
      .finally(() => {
        this.#underWay.delete(message.id);
        this.#bytesUnderWay -= bytes;
      });
    this.#underWay.set(message.id, delivered);
    return delivered;
  }

  /** Whether nothing more is to be done about it. */
  #notTaken(message: Message, error: unknown): Promise<boolean> | boolean {
    if (error instanceof UndeliverableError) return this.#setAside(message, error.message);
    if (this.#state === 'running' && this.#ready)
      this.#failing.happened(`${message.type} ${message.id} not sent yet: ${String(error)}`);
    return false;
  }

  /** Keeps what can never be sent as a dead letter of its sender; it leaves the outbox after that. */
  async #setAside(message: Message, reason: string): Promise<boolean> {
    const { service, deadLetters } = this.options;
    try {
      await deadLetters.store(message, unsentBy(service), reason, 1);
      this.#log.error(`${message.type} ${message.id} dead-lettered, as it cannot be sent: ${reason}`);
      return true;
    } catch (error) {
      this.#storeFailing.happened(`the dead letter ${message.id} could not be kept yet: ${String(error)}`);
      return false;
    }
  }

  /** Of what is no message, to be looked at. Sent on, it comes back to where it lay. */
  #standIn(id: string, content: string): Message {
    const { service } = this.options;
    const at = new Date().toISOString();
    return {
      id,
      type: 'unreadable',
      kind: 'event',
      source: service,
      target: service,
      correlationId: id,
      at,
      data: { content },
    };
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
    this.#settleSoon();
  }

  /** It is in the outbox as it was: whoever sweeps next has it, once it may be taken again. */
  #giveBack(id: string): void {
    if (this.#state !== 'running' || this.#unsent.length >= GIVEN_BACK_LIMIT) return;
    this.#unsent.push(id);
    this.#settleSoon();
  }

  #settleSoon(): void {
    this.#settleTimer ??= setTimeout(() => {
      this.#settleTimer = undefined;
      this.#settling = this.#settling.then(() => this.#settle());
    }, FORGET_AFTER_MS);
  }

  /** Where that fails their lease ends, and they are sent again; their receivers know them. */
  async #settle(): Promise<void> {
    const { outbox } = this.options;
    const [sent, unsent] = [this.#acknowledged, this.#unsent];
    this.#acknowledged = [];
    this.#unsent = [];
    try {
      if (sent.length > 0) await outbox.markDispatched(sent);
      if (unsent.length > 0) await outbox.giveBack(unsent, AGAIN_AFTER_MS);
    } catch (error) {
      if (outageIn(error) === undefined)
        this.#storeFailing.happened(`the messages of ${sent.length} commits are still in the outbox: ${String(error)}`);
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
      full = this.#ready && (await this.#sendDue());
    } catch (error) {
      if (this.#state === 'running' && outageIn(error) === undefined)
        this.#storeFailing.happened(`the outbox could not be read: ${String(error)}`);
    }
    this.#sweepIn(full ? 0 : (this.options.sweepEveryMs ?? 250));
  }

  /** No more than can be sent: what is claimed beyond that would wait for its lease to end. Whether there may be more. */
  async #sendDue(): Promise<boolean> {
    if (this.#waiting > 0)
      this.#log.log(`sending again; the messages of ${this.#waiting} commits waited in the outbox`);
    this.#waiting = 0;
    if (this.#full) return false;
    const { messages, bytes } = this.#room;
    const most = Math.max(1, Math.min(CLAIM, messages, Math.floor(bytes / this.#entryBytes)));
    const due = await this.options.outbox.claim(most);
    if (due.length > 0) this.#entryBytes = Math.max(1, roughBytes(due) / due.length);
    for (const entry of due) this.#send(entry);
    return due.length >= most;
  }
}
