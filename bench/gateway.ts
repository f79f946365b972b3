import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Dispatcher, Pool } from 'undici';
import { testIdentity } from '@seam/security/testing';
import { compare, load, print, type Run } from './measure.js';

const CHILD = fileURLToPath(new URL('./gateway-child.js', import.meta.url));
const IN_FLIGHT = 64;

/**
 * Requests per second through the gateway, with token check, breaker and trace context, compared with @fastify/http-proxy
 * without these, and with the service alone. Each server is a separate process, and so is the load.
 */
export async function benchGateway(requests: number, rounds: number): Promise<void> {
  const identity = await testIdentity();
  const token = await identity.tokenFor({ userId: 'bench', role: 'customer', email: 'bench@example.com' });
  const service = await BenchServer.start('service', { BENCH_JWKS: JSON.stringify(identity.jwks) }, token);
  const upstream = { BENCH_UPSTREAM: service.url };
  const seam = await BenchServer.start('seam', upstream, token);
  const fastify = await BenchServer.start('fastify', upstream, token);
  const run = (server: BenchServer) => ({ name: server.role, run: () => server.run(requests) });
  const title = (floor: string): string => `Gateway: GET with a token, ${IN_FLIGHT} in flight, compared with ${floor}`;
  await compare({
    title: title('@fastify/http-proxy'),
    mark: 1.1,
    rounds,
    ours: run(seam),
    floor: run(fastify),
  });
  print(`  processor time of one request: ${seam.cost} us, of @fastify/http-proxy ${fastify.cost} us`);
  await compare({ title: title('the service alone'), mark: 0, rounds, ours: run(seam), floor: run(service) });
  await Promise.all([seam, fastify, service].map((server) => server.stop()));
}

class BenchServer {
  private readonly pool: Pool;
  private readonly headers: string[];
  private requests = 0;
  private cpuUs = 0;

  private constructor(
    readonly role: string,
    readonly url: string,
    token: string,
    private readonly child: ChildProcess,
  ) {
    this.pool = new Pool(url, { connections: IN_FLIGHT, pipelining: 1 });
    this.headers = ['authorization', `Bearer ${token}`, 'accept', 'application/json', 'user-agent', 'bench'];
  }

  static async start(role: string, env: Readonly<Record<string, string>>, token: string): Promise<BenchServer> {
    const child = fork(CHILD, { env: { ...process.env, BENCH_ROLE: role, NODE_ENV: 'production', ...env } });
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    return new BenchServer(role, url, token, child);
  }

  /** Processor time of one request so far, in microseconds. */
  get cost(): string {
    return (this.cpuUs / this.requests).toFixed(0);
  }

  async run(requests: number): Promise<Run> {
    const before = await this.cpu();
    const run = await load(requests, IN_FLIGHT, () => this.get());
    this.cpuUs += (await this.cpu()) - before;
    this.requests += requests;
    return run;
  }

  async stop(): Promise<void> {
    await this.pool.close();
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }

  private async cpu(): Promise<number> {
    const reply = once(this.child, 'message');
    this.child.send('cpu');
    return ((await reply) as [{ cpu: number }])[0].cpu;
  }

  /** With a minimal handler, because the load shares the machine with the measured process. */
  private get(): Promise<void> {
    return new Promise((resolve, reject) => {
      let status = 0;
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart: () => undefined,
        onResponseStart: (_, statusCode) => (status = statusCode),
        onResponseData: () => undefined,
        onResponseEnd: () => {
          if (status === 200) resolve();
          else reject(new Error(`${this.role} answered ${status}`));
        },
        onResponseError: (_, error) => reject(error),
      };
      this.pool.dispatch({ method: 'GET', path: '/api/orders/0198a7c2-5b1e', headers: this.headers }, handler);
    });
  }
}
