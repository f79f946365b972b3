import { request } from 'node:http';

const PAUSE_MS = 8;

/** The result of one request. */
export interface FreshRequest {
  /** Start time, ms since the epoch. */
  readonly at: number;
  /** The status, or the code of the error. */
  readonly outcome: number | string;
  readonly connection: string | undefined;
}

/** Several clients that open a new connection for each request, until it is stopped. */
export class FreshLoad {
  readonly seen: FreshRequest[] = [];
  #running = true;
  readonly #clients: Promise<void>[];

  constructor(
    private readonly url: string,
    clients: number,
  ) {
    this.#clients = Array.from({ length: clients }, () => this.#client());
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#clients);
  }

  async #client(): Promise<void> {
    while (this.#running) {
      this.seen.push(await this.#one());
      await new Promise((over) => setTimeout(over, PAUSE_MS));
    }
  }

  #one(): Promise<FreshRequest> {
    const at = Date.now();
    return new Promise((resolve) => {
      const ended = (outcome: number | string, connection?: string): void => resolve({ at, outcome, connection });
      request(this.url, { agent: false }, (response) => {
        response.resume();
        response.once('end', () => ended(response.statusCode ?? 0, response.headers.connection));
        response.once('error', ({ code }: NodeJS.ErrnoException) => ended(`${code} within the answer`));
      })
        .once('error', ({ code }: NodeJS.ErrnoException) => ended(code ?? 'unknown'))
        .end();
    });
  }
}
