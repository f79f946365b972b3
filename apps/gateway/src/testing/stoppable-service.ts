import { type ChildProcess, spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';

/** Answers everything; `/seen` returns the `x-request` headers that it got. */
const PROGRAM = `
const seen = [];
require('node:http').createServer({ keepAliveTimeout: 65000 }, (request, response) => {
  const id = request.headers['x-request'];
  if (id !== undefined) seen.push(id);
  request.resume().on('end', () => response.end(request.url === '/seen' ? JSON.stringify(seen) : '{}'));
}).listen({ port: 0, host: '127.0.0.1' }, function () { console.log(this.address().port); });
`;

/** If the kernel accepts a connection at all, it does so within this time, ms. */
const TAKEN_WITHIN_MS = 500;

/** A service in a process of its own. It can be frozen, or cut off: then even new connections are not accepted. */
export class StoppableService {
  private readonly filling: Socket[] = [];

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(): Promise<StoppableService> {
    const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
    const port = await new Promise<number>((resolve) => child.stdout.once('data', (text) => resolve(Number(text))));
    return new StoppableService(child, port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** From now on it accepts connections and requests, because the kernel does that, but answers nothing. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  /** Freezes it, and fills its queue of connections so that the kernel drops new ones. */
  async cutOff(): Promise<void> {
    this.freeze();
    for (let taken = true; taken;)
      taken = (await Promise.all(Array.from({ length: 64 }, () => this.fill()))).every(Boolean);
  }

  /** Opens one more waiting connection; resolves with whether the kernel accepted it. */
  private fill(): Promise<boolean> {
    const socket = connect(this.port, '127.0.0.1').on('error', () => undefined);
    this.filling.push(socket);
    return new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      setTimeout(() => resolve(false), TAKEN_WITHIN_MS).unref();
    });
  }

  resume(): void {
    for (const socket of this.filling) socket.destroy();
    this.child.kill('SIGCONT');
  }

  /** All requests that it has received. */
  async seen(): Promise<string[]> {
    return (await (await fetch(`${this.url}/seen`)).json()) as string[];
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
