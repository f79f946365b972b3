import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const CHECK_INTERVAL_MS = 200;
const ANSWER_WITHIN_MS = 1_000;
/** Consecutive checks without an answer after which a gateway is removed; one that is not ready is removed at once. */
const FALL = 3;

/**
 * A load balancer in front of several gateways: it passes each new connection to one of the ready gateways, round-robin,
 * and to the next one if it cannot connect.
 */
export class OuterBalancer {
  private readonly unanswered = new Map<number, number>();
  private ready: readonly number[] = [];
  private connections = 0;
  private readonly sockets = new Set<Socket>();
  private stopped = false;

  private constructor(
    private readonly ports: readonly number[],
    private readonly server: Server,
  ) {
    server.on('connection', (client: Socket) => {
      client.once('error', () => client.destroy());
      this.pass(client, this.ready.length);
    });
  }

  static async start(ports: readonly number[]): Promise<OuterBalancer> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const balancer = new OuterBalancer(ports, server);
    await Promise.all(ports.map((port) => balancer.check(port)));
    for (const port of ports) void balancer.watch(port);
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** One check after the other: the answer to an earlier one would hide what a later one has found. */
  private async watch(port: number): Promise<void> {
    while (!this.stopped) {
      await pause(CHECK_INTERVAL_MS);
      await this.check(port);
    }
  }

  private async check(port: number): Promise<void> {
    const found = await check(port);
    const unanswered = found === 'no answer' ? (this.unanswered.get(port) ?? 0) + 1 : 0;
    this.unanswered.set(port, unanswered);
    const wasReady = this.ready.includes(port);
    const isReady = found === 'ready' || (wasReady && found === 'no answer' && unanswered < FALL);
    if (isReady !== wasReady) this.ready = isReady ? [...this.ready, port] : this.ready.filter((one) => one !== port);
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

  /** The end of one connection ends the other. */
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

async function check(port: number): Promise<'ready' | 'not ready' | 'no answer'> {
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}/health/ready`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return status === 200 ? 'ready' : 'not ready';
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'no answer' : 'not ready';
  }
}
