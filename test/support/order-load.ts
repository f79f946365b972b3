import { Api } from './api.js';
import { failureOf } from './failure.js';

const pause = (ms: number): Promise<void> => new Promise((over) => setTimeout(over, ms));

/** Mostly accepted cards; the other orders must end as well. */
const TOKENS = ['tok_visa', 'tok_visa', 'tok_visa', 'tok_declined', 'tok_visa', 'tok_visa', 'tok_lost', 'tok_flaky'];
const EVERY_MS = 100;
const SLOW_INTERVAL_MS = 1_000;

export interface OrderLoadOptions {
  /** Number of orders in flight at any time, each followed by the next one; without it, one starts every 100 ms. */
  readonly inFlight?: number;
  /** After this number of accepted orders each client waits a second before its next one. Default: never. */
  readonly flood?: number;
}

/** A load of orders by one customer, until it is stopped; it records the accepted orders. */
export class OrderLoad {
  static readonly skus = ['MUG-BLUE', 'MUG-RED', 'TEA-ASSAM', 'TEA-SENCHA'];
  readonly accepted: string[] = [];
  /** For each order that was not accepted: its answer, or that there was none. */
  readonly failures: string[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #paused = false;

  private constructor(
    private readonly customer: Api,
    private readonly options: OrderLoadOptions,
  ) {}

  static async start(url: string, options: OrderLoadOptions = {}): Promise<OrderLoad> {
    const load = new OrderLoad(await new Api(url).customer(), options);
    load.resume();
    return load;
  }

  resume(): void {
    this.#paused = false;
    const { inFlight } = this.options;
    if (inFlight === undefined) this.#timer = setInterval(() => this.#track(this.#order()), EVERY_MS);
    else for (let one = 0; one < inFlight; one += 1) this.#track(this.#orders());
  }

  /** Resolves when every order in flight was answered. */
  async pause(): Promise<void> {
    this.#paused = true;
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
  }

  stop(): Promise<void> {
    return this.pause();
  }

  #track(orders: Promise<void>): void {
    const tracked = orders.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  get failed(): number {
    return this.failures.length;
  }

  /** One order after the other; after one that failed a client waits a moment. */
  async #orders(): Promise<void> {
    while (!this.#paused) {
      const { failed } = this;
      await this.#order();
      if (this.failed > failed) await pause(EVERY_MS);
      else if (this.accepted.length >= (this.options.flood ?? Infinity)) await pause(SLOW_INTERVAL_MS);
    }
  }

  async #order(): Promise<void> {
    const index = this.#count++;
    const items = [{ sku: OrderLoad.skus[index % OrderLoad.skus.length]!, quantity: 1 }];
    try {
      const { status, body } = await this.customer.order(TOKENS[index % TOKENS.length]!, items);
      if (status === 202) this.accepted.push(body.id);
      else this.failures.push(`${status} ${body.code}`);
    } catch (error) {
      // The connection broke: it is unknown whether the order was placed, and the client got no answer.
      this.failures.push(failureOf(error));
    }
  }
}
