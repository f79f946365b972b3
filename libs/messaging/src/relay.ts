import { Logger } from '@nestjs/common';
import { inSpan, isTracing, type Message, Recurring } from '@seam/kernel';
import { outageIn } from '@seam/persistence';
import { LRUCache } from 'lru-cache';
import type { AfterCommit } from './committer.js';
import type { DeadLetterStore } from './consumer.js';
import { unsentBy } from './dead-letters.js';
import { describeMessage } from './describe-message.js';
import { OrderedRelay } from './ordered-relay.js';
import type { OrderedOutbox, Outbox, OutboxEntry } from './outbox.js';
import { type Publisher, type SendingWindow, UndeliverableError } from './publisher.js';
import { roughBytes } from './rough-bytes.js';
import { type Unsent, UnsentMessages } from './unsent-messages.js';

export interface RelayOptions {
  readonly service: string;
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  /** Stores messages that can never be sent. */
  readonly deadLetters: DeadLetterStore;
  /** Interval of the sweep for due messages, ms; of that for messages with a key that others have left, four times as long. */
  readonly sweepEveryMs?: number;
  /** Default limit of what is being sent at the same time; further messages wait in the outbox. */
  readonly window?: SendingWindow;
  /** The transport's name in traces, such as `rabbitmq`. */
  readonly system?: string;
}

const WIDE: SendingWindow = { messages: 20_000, bytes: 16 * 1024 * 1024 };
const SWEEP_EVERY_MS = 250;
/** Delivered entries are deleted together, at most this much later: a crash before that sends them again. */
const FORGET_AFTER_MS = 100;
/** Entries that could not be delivered are returned to the outbox, and sent again after this time. */
const AGAIN_AFTER_MS = 1_000;
/** Maximum number of entries returned together; the lease of further ones expires by itself. */
const GIVEN_BACK_LIMIT = 10_000;
/** Maximum number of entries per sweep; an entry has the messages of one commit. */
const CLAIM = 100;
/** Assumed size of an entry until real ones were seen. */
const ENTRY_BYTES = 64 * 1024;
/** Maximum number of partly delivered entries to remember, so that only their missing messages are sent again. */
const PARTLY_LIMIT = 1_000;

/**
 * Sends a service's messages: those of a commit directly from memory, after it; delayed ones, and those left by a crash or a
 * failure, by a sweep. At least once, and in no guaranteed order, except those with a key: these are claimed and sent by an
 * {@link OrderedRelay}. They are deleted only once the receivers have them. Only
 * messages that are being sent are in memory; all others wait in the outbox.
 */
export class Relay implements AfterCommit {
  readonly #log: Logger;
  /** By message id: resolves to whether it was delivered. */
  readonly #underWay = new Map<string, Promise<boolean>>();
  #bytesUnderWay = 0;
  readonly #entries = new Map<string, Promise<void>>();
  /** By entry: its delivered messages, if others of it were not delivered. */
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
  /** Since when more is due in the outbox than can be sent; undefined if all of it is being sent. */
  #behindSince: number | undefined;
  /** Number of commits whose messages stay in the outbox because the publisher does not accept any. */
  #waiting = 0;
  readonly #unsentMessages = new UnsentMessages();
  readonly #failing: Recurring;
  readonly #storeFailing: Recurring;
  readonly #ordered: OrderedRelay | undefined;

  constructor(private readonly options: RelayOptions) {
    this.#log = new Logger(`Relay ${options.service}`);
    this.#failing = new Recurring(this.#log, { what: 'messages were not accepted at the first attempt' });
    this.#storeFailing = new Recurring(this.#log, { what: 'operations on the outbox failed' });
    const { ordered } = options.outbox;
    this.#ordered = ordered === undefined ? undefined : this.#orderedRelay(ordered);
  }

  #orderedRelay(outbox: OrderedOutbox): OrderedRelay {
    const { sweepEveryMs = SWEEP_EVERY_MS } = this.options;
    return new OrderedRelay({
      outbox,
      room: () => (this.#state === 'stopped' || !this.#ready || this.#full ? 0 : Math.max(1, this.#room.messages)),
      deliver: async (entry) => (await Promise.all(this.#deliverAll(entry, entry.messages))).every(Boolean),
      failed: (error) => this.#storeFailed(error, 'the messages with a key are still in the outbox'),
      sweepEveryMs: 4 * sweepEveryMs,
    });
  }

  /** Starts to send, unless it has been stopped. On a store that no other process uses, it takes over all leases at once. */
  async start(exclusiveStore: boolean): Promise<void> {
    if (exclusiveStore) await this.options.outbox.adopt();
    if (this.#state === 'stopped') return;
    this.#state = 'running';
    this.#ordered?.start();
    this.#sweepIn(0);
  }

  /** Ends the sweeps, and waits until everything that is being sent is delivered or rejected. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    clearTimeout(this.#sweepTimer);
    await this.#sweeping;
    await Promise.all([this.#ordered?.stop(), ...this.#entries.values()]);
    clearTimeout(this.#settleTimer);
    await this.#settling;
    await this.#settle();
    this.#failing.end();
    this.#storeFailing.end();
  }

  handOver(entries: readonly OutboxEntry[]): void {
    const now = Date.now();
    const ordered = entries.filter(({ key }) => key !== undefined);
    if (ordered.length > 0) this.#ordered?.added(ordered);
    for (const entry of entries) {
      if (entry.key !== undefined) continue;
      if (entry.notBefore === undefined || entry.notBefore.getTime() <= now) this.#send(entry);
      // A little later, because timers may fire slightly early, and the message would then wait for the next sweep.
      else this.#sweepIn(entry.notBefore.getTime() - now + 3);
    }
  }

  async whenDispatched(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.flatMap((id) => this.#underWay.get(id) ?? this.#ordered?.whenSent(id) ?? []));
  }

  /** What this process could not send at its last attempt, by type and receiver. */
  unsent(): Unsent[] {
    return this.#unsentMessages.groups();
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /**
   * For how long more messages have been due in the outbox than could be sent, ms. While the publisher accepts nothing,
   * this is not counted as a backlog.
   */
  get behindMs(): number {
    return this.#behindSince === undefined || !this.#ready ? 0 : performance.now() - this.#behindSince;
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
    const { id } = entry;
    if (this.#state === 'stopped' || this.#entries.has(id)) return;
    if (!this.#ready || this.#full) {
      if (!this.#ready) this.#waiting += 1;
      else this.#behindSince ??= performance.now();
      this.#giveBack(id);
      return;
    }
    const taken = this.#partly.get(id);
    const messages = taken === undefined ? entry.messages : entry.messages.filter((each) => !taken.has(each.id));
    const sent = Promise.all(this.#deliverAll(entry, messages)).then((ends) => {
      this.#entries.delete(id);
      this.#partly.delete(id);
      if (ends.every(Boolean)) return this.#acknowledge(id);
      const more = messages.filter((_, index) => ends[index]).map((each) => each.id);
      if (more.length > 0 || taken !== undefined) this.#partly.set(id, new Set([...(taken ?? []), ...more]));
      this.#giveBack(id);
    });
    this.#entries.set(id, sent);
  }

  #deliverAll({ id, unreadable }: OutboxEntry, messages: readonly Message[]): Promise<boolean>[] {
    const sending = messages.map((message) => this.#deliver(message));
    if (unreadable !== undefined)
      sending.push(this.#setAside(this.#standIn(id, unreadable.content), unreadable.reason));
    return sending;
  }

  #deliver(message: Message): Promise<boolean> {
    const bytes = roughBytes(message);
    this.#bytesUnderWay += bytes;
    const delivered = this.#publish(message)
      .then(
        () => {
          this.#unsentMessages.finished(message.id);
          return true;
        },
        (error: unknown) => this.#deliveryFailed(message, error),
      )
      .finally(() => {
        this.#underWay.delete(message.id);
        this.#bytesUnderWay -= bytes;
      });
    this.#underWay.set(message.id, delivered);
    return delivered;
  }

  /** Whether it is finished: delivered, or stored as a dead letter. */
  #deliveryFailed(message: Message, error: unknown): Promise<boolean> | boolean {
    if (error instanceof UndeliverableError) return this.#setAside(message, error.message);
    this.#unsentMessages.failed(message, error);
    if (this.#state === 'running' && this.#ready)
      this.#failing.happened(`${message.type} ${message.id} not sent yet: ${String(error)}`);
    return false;
  }

  /** Stores a message that can never be sent as a dead letter of its sender; it is deleted from the outbox after that. */
  async #setAside(message: Message, reason: string): Promise<boolean> {
    const { service, deadLetters } = this.options;
    try {
      await deadLetters.store(message, unsentBy(service), reason, 1);
      this.#unsentMessages.finished(message.id);
      this.#log.error(`${message.type} ${message.id} dead-lettered, as it cannot be sent: ${reason}`);
      return true;
    } catch (error) {
      this.#storeFailing.happened(`the dead letter ${message.id} could not be stored yet: ${String(error)}`);
      return false;
    }
  }

  /** A dead letter for content that is no valid message, for inspection. Redriven, it becomes a dead letter again. */
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

  /** Turns an exception of the publisher into a rejection, so that it does not affect the following messages. */
  async #publish(message: Message): Promise<void> {
    if (isTracing()) await this.#traced(message);
    else await this.options.publisher.publish(message);
  }

  /** The sending is a span of the trace of the message; its receivers continue from that span. */
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

  /** The entry is unchanged in the outbox: the next sweep takes it once its lease has ended. */
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

  /** If this fails, their lease expires, and they are sent again; the receivers recognise them. */
  async #settle(): Promise<void> {
    const { outbox } = this.options;
    const [sent, unsent] = [this.#acknowledged, this.#unsent];
    this.#acknowledged = [];
    this.#unsent = [];
    try {
      if (sent.length > 0) await outbox.markDispatched(sent);
      if (unsent.length > 0) await outbox.giveBack(unsent, AGAIN_AFTER_MS);
    } catch (error) {
      this.#storeFailed(error, `the messages of ${sent.length} commits are still in the outbox`);
    }
  }

  /** An outage is logged by the store itself. */
  #storeFailed(error: unknown, what: string): void {
    if (outageIn(error) === undefined) this.#storeFailing.happened(`${what}: ${String(error)}`);
  }

  /** Schedules a sweep within this time; an earlier scheduled one is kept. */
  #sweepIn(ms: number): void {
    const at = Date.now() + ms;
    if (this.#state !== 'running' || at >= this.#nextSweep) return;
    clearTimeout(this.#sweepTimer);
    this.#nextSweep = at;
    this.#sweepTimer = setTimeout(() => {
      this.#nextSweep = Infinity;
      // Timers count from the start of the event loop's turn, so this one may fire before anything is due.
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
      if (this.#state === 'running') this.#storeFailed(error, 'the outbox could not be read');
    }
    this.#sweepIn(full ? 0 : (this.options.sweepEveryMs ?? SWEEP_EVERY_MS));
  }

  /** Claims only what can be sent, as further entries would wait for their lease to end. Resolves to whether there may be more. */
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
    if (due.length < most) this.#behindSince = undefined;
    return due.length >= most;
  }
}
