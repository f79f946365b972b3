import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const LOOK_EVERY_MS = 200;

/**
 * What an operator has before several gateways: it passes each new connection to one of the ready gateways, round-robin,
 * and to the next one if it cannot connect.
 */
export class OuterBalancer {
  private ready: readonly number[] = [];
  private connections = 0;
  private readonly sockets = new Set<Socket>();
  private readonly looking: NodeJS.Timeout;

  private constructor(
    private readonly ports: readonly number[],
    private readonly server: Server,
  ) {
    this.looking = setInterval(() => void this.look(), LOOK_EVERY_MS);
    server.on('connection', (client: Socket) => {
      client.once('error', () => client.destroy());
      this.pass(client, this.ready.length);
    });
  }

  static async start(ports: readonly number[]): Promise<OuterBalancer> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const balancer = new OuterBalancer(ports, server);
    await balancer.look();
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    clearInterval(this.looking);
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async look(): Promise<void> {
    const found = await Promise.all(this.ports.map((port) => isReady(port)));
    this.ready = this.ports.filter((_, index) => found[index]);
  }

  private pass(client: Socket, triesLeft: number): void {
    const port = this.ready[(this.connections += 1) % this.ready.length];
    if (port === undefined || triesLeft === 0) {
      client.destroy();
      return;
    }
    const gateway = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const next = (): void => this.pass(client, triesLeft - 1);
    gateway.once('error', next);
    gateway.once('connect', () => {
      gateway.off('error', next);
      this.join(client, gateway);
    });
  }

  /** Each end of one is an end of the other. */
  private join(client: Socket, gateway: Socket): void {
    for (const [from, to] of [
      [client, gateway],
      [gateway, client],
    ] as const) {
      this.sockets.add(from);
      from.pipe(to);
      from.once('error', () => to.destroy());
      from.once('close', () => this.sockets.delete(from));
    }
  }
}

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/health/ready`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(1_000),
  })
    .then(({ status }) => status === 200)
    .catch(() => false);
