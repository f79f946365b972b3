import { connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy to a server. A test can use it to cut the connection, or to let only one direction through. */
export class TcpProxy {
  readonly #open = new Set<Socket>();
  #swallowing = false;
  #refusing = false;
  #answers = 0;

  private constructor(
    private readonly server: Server,
    /** The server's URL through this proxy. */
    readonly url: string,
  ) {}

  /** Creates a proxy to the server of this URL. */
  static async before(url: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(url);
    const server = createServer((client) => proxy.#join(client, Number(port), hostname));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const by = new URL(url);
    by.host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const proxy = new TcpProxy(server, by.href);
    return proxy;
  }

  /** Ends every connection, like a network failure. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** From now on connections are refused, as if nothing listened there. */
  refuse(): void {
    this.#refusing = true;
    this.cut();
  }

  /** From now on requests reach the server, but its answers are discarded. */
  swallowAnswers(): void {
    this.#swallowing = true;
    this.#answers = 0;
  }

  letThrough(): void {
    this.#swallowing = false;
    this.#refusing = false;
  }

  /** Number of chunks of answers that were discarded. */
  get swallowed(): number {
    return this.#answers;
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done));
    this.cut();
    await closed;
  }

  #join(client: Socket, port: number, host: string): void {
    if (this.#refusing) {
      client.destroy();
      return;
    }
    const upstream = connect(port, host);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#open.add(one);
      one.on('error', () => undefined);
      one.once('close', () => {
        this.#open.delete(one);
        other.destroy();
      });
    }
    client.on('data', (data) => upstream.write(data));
    upstream.on('data', (data) => {
      if (this.#swallowing) this.#answers += 1;
      else client.write(data);
    });
  }
}
