import type { Message } from '@seam/kernel';
import { LRUCache } from 'lru-cache';
import type { OrderedOutbox, OutboxEntry } from './outbox.js';

export interface OrderedRelayOptions {
  readonly outbox: OrderedOutbox;
  /** How many entries may be claimed now; 0: nothing can be sent. */
  readonly room: () => number;
  /** Whether it was delivered, or stored as a dead letter of its sender. Never rejects. */
  readonly deliver: (entry: OutboxEntry) => Promise<boolean>;
  readonly failed: (error: unknown) => void;
  /** Interval of the sweep for what other processes have left, ms. */
  readonly sweepEveryMs: number;
}

/** Maximum number of entries per claim. */
const CLAIM = 200;
/** Entries that could not be delivered are sent again after this time. */
const AGAIN_AFTER_MS = 1_000;
/** Maximum number of own messages that callers may wait for. */
const AWAITED = 1_000;

interface Awaited {
  readonly sent: Promise<void>;
  readonly resolve: () => void;
}

/**
 * Sends the messages with a key: those of one key one after the other, each once the one before has been delivered, or is a
 * dead letter of its sender; different keys at the same time. After a failure the rest of the key is claimed again, from the
 * message that failed. Several processes may send the same messages, each in this order: then a receiver gets some of them
 * again, but none before its predecessor.
 */
export class OrderedRelay {
  /** By key: what is being sent, in order. */
  readonly #lanes = new Map<string, OutboxEntry[]>();
  readonly #sending = new Map<string, Promise<void>>();
  /** By message id: own messages that are not known to be sent. */
  readonly #awaited = new LRUCache<string, Awaited>({ max: AWAITED, dispose: ({ resolve }) => resolve() });
  #dispatched: string[] = [];
  #settling: Promise<void> | undefined;
  #claiming: Promise<void> | undefined;
  /** More was committed since the last claim began. */
  #more = false;
  #timer: NodeJS.Timeout | undefined;
  #state: 'new' | 'running' | 'stopped' = 'new';

  constructor(private readonly options: OrderedRelayOptions) {}

  start(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'running';
    this.#sweep();
  }

  /** Waits until what is being sent is delivered or rejected, and gives the rest back. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    clearTimeout(this.#timer);
    await this.#claiming;
    await Promise.all(this.#sending.values());
    await this.#settling;
    this.#awaited.clear();
  }

  /** A commit has added these; they are claimed soon, whether this process was started or not. */
  added(entries: readonly OutboxEntry[]): void {
    for (const { messages } of entries) {
      for (const { id } of messages) {
        let resolve!: () => void;
        const sent = new Promise<void>((done) => (resolve = done));
        this.#awaited.set(id, { sent, resolve });
      }
    }
    this.#claimSoon();
  }

  /** Resolves once the message is delivered, or its sending has failed. */
  whenSent(id: string): Promise<void> | undefined {
    return this.#awaited.peek(id)?.sent;
  }

  #sweep(): void {
    this.#claimSoon();
    this.#timer = setTimeout(() => this.#sweep(), this.options.sweepEveryMs).unref();
  }

  #claimSoon(): void {
    this.#more = true;
    this.#claiming ??= new Promise((turn) => setImmediate(turn))
      .then(() => this.#claim())
      .catch((error: unknown) => this.options.failed(error))
      .finally(() => {
        this.#claiming = undefined;
        if (this.#more && this.#state === 'running' && this.options.room() > 0) this.#claimSoon();
      });
  }

  async #claim(): Promise<void> {
    this.#more = false;
    const limit = Math.min(CLAIM, this.options.room());
    if (limit <= 0) return;
    const claimed = await this.options.outbox.claim(limit);
    for (const entry of claimed) this.#enqueue(entry);
    if (claimed.length === limit) this.#more = true;
  }

  /** A key's entries come in their order, and again once their lease has ended. */
  #enqueue(entry: OutboxEntry): void {
    const { key = '' } = entry;
    const lane = this.#lanes.get(key);
    if (lane === undefined) {
      const started = [entry];
      this.#lanes.set(key, started);
      this.#sending.set(key, this.#send(key, started));
    } else if (!lane.some(({ id }) => id === entry.id)) lane.push(entry);
  }

  async #send(key: string, lane: OutboxEntry[]): Promise<void> {
    for (let entry = lane[0]; entry !== undefined; entry = lane[0]) {
      if (this.#state === 'stopped' || !(await this.options.deliver(entry))) break;
      lane.shift();
      this.#sent(entry.messages);
      this.#dispatched.push(entry.id);
      if (lane.length > 0) void this.#settle();
    }
    this.#lanes.delete(key);
    this.#sending.delete(key);
    for (const { messages } of lane) this.#sent(messages);
    await this.#settle();
    if (lane.length > 0) await this.#giveBack(lane.map(({ id }) => id));
    if (this.#awaited.size > 0 && this.#state !== 'stopped') this.#claimSoon();
  }

  #sent(messages: readonly Message[]): void {
    for (const { id } of messages) this.#awaited.delete(id);
  }

  /** If this fails, their lease expires, and they are sent again; the receivers recognise them. */
  #settle(): Promise<void> {
    this.#settling ??= new Promise((turn) => setImmediate(turn))
      .then(async () => {
        const ids = this.#dispatched;
        this.#dispatched = [];
        this.#settling = undefined;
        if (ids.length > 0) await this.options.outbox.markDispatched(ids);
      })
      .catch((error: unknown) => this.options.failed(error));
    return this.#settling;
  }

  async #giveBack(ids: readonly string[]): Promise<void> {
    try {
      await this.options.outbox.giveBack(ids, this.#state === 'stopped' ? 0 : AGAIN_AFTER_MS);
    } catch (error) {
      this.options.failed(error);
    }
  }
}
