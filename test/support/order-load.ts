import { Api } from './api.js';

/** Mostly cards that pay; the others must come to their own end, too. */
const TOKENS = ['tok_visa', 'tok_visa', 'tok_visa', 'tok_declined', 'tok_visa', 'tok_visa', 'tok_lost', 'tok_flaky'];
const EVERY_MS = 100;

/** A steady load of orders by one customer, as long as it runs; what was accepted is remembered, to be found again. */
export class OrderLoad {
  static readonly skus = ['MUG-BLUE', 'MUG-RED', 'TEA-ASSAM', 'TEA-SENCHA'];
  readonly accepted: string[] = [];
  /** Orders that were not accepted: answered with something else, or not at all. */
  failed = 0;
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #count = 0;

  private constructor(
    private readonly url: string,
    private customer: Api,
  ) {}

  static async start(url: string): Promise<OrderLoad> {
    const load = new OrderLoad(url, await new Api(url).customer());
    load.resume();
    return load;
  }

  resume(): void {
    this.#timer = setInterval(() => {
      const order = this.#order().finally(() => this.#underWay.delete(order));
      this.#underWay.add(order);
    }, EVERY_MS);
  }

  /** Resolves when every order under way was answered. */
  async pause(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
  }

  stop(): Promise<void> {
    return this.pause();
  }

  async #order(): Promise<void> {
    const index = this.#count++;
    const items = [{ sku: OrderLoad.skus[index % OrderLoad.skus.length]!, quantity: 1 }];
    try {
      const { status, body } = await this.customer.order(TOKENS[index % TOKENS.length]!, items);
      if (status === 202) this.accepted.push(body.id);
      else this.failed += 1;
    } catch {
      this.failed += 1; // The connection broke: whether it was placed, nobody knows, and nobody was told that it was.
    }
  }
}
