import { Api } from './api.js';
import { failureOf } from './failure.js';

/** Clients that read something repeatedly, each one request after the other. */
export class ReadLoad {
  /** The unexpected answers. */
  readonly failures: string[] = [];
  /** The longest duration of a request. */
  longestMs = 0;
  #running = true;
  readonly #clients: Promise<void>[];

  constructor(
    url: string,
    clients: number,
    private readonly path = '/api/products',
    private readonly expected = 200,
  ) {
    const api = new Api(url);
    this.#clients = Array.from({ length: clients }, () => this.#read(api));
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#clients);
  }

  async #read(api: Api): Promise<void> {
    while (this.#running) {
      const started = performance.now();
      try {
        const { status, body } = await api.get(this.path);
        if (status !== this.expected) this.failures.push(`${status} ${JSON.stringify(body)}`);
      } catch (error) {
        this.failures.push(failureOf(error));
      }
      this.longestMs = Math.max(this.longestMs, performance.now() - started);
      await new Promise((over) => setTimeout(over, 20));
    }
  }
}
