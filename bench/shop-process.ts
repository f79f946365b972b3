import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { CUSTOMER, skuOf } from './shop.js';

const CHILD = fileURLToPath(new URL('./shop-child.js', import.meta.url));
/** More than any load has in flight, so that none waits here. */
const CONNECTIONS = 1_024;
const POLL_INTERVAL_MS = 20;

export interface ShopState {
  /** Orders that were confirmed so far. */
  readonly confirmed: number;
  /** Memory of the process, bytes. */
  readonly memory: NodeJS.MemoryUsage;
}

export interface Placed {
  readonly status: number;
  /** `Retry-After` of a refusal, s. */
  readonly retryAfterS: number | undefined;
  /** Time until the answer, ms. */
  readonly ms: number;
}

/** A shop in a separate process, and a customer with a token who places orders over HTTP. */
export class ShopProcess {
  private token = '';
  /** Number of refusals of orders that were retried until they were accepted. */
  refused = 0;

  private constructor(
    private readonly child: ChildProcess,
    /** Of a database on its server. */
    readonly databaseUrl: string,
    private readonly pool: Pool,
  ) {}

  static async start(): Promise<ShopProcess> {
    const child = fork(CHILD, { env: { ...process.env, NODE_ENV: 'production' } });
    const [{ url, databaseUrl }] = (await once(child, 'message')) as [{ url: string; databaseUrl: string }];
    const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
    const shop = new ShopProcess(child, databaseUrl, pool);
    await shop.logIn();
    return shop;
  }

  /** Tokens expire after some minutes: a long load gets a new one in between. */
  async logIn(): Promise<void> {
    const { email, password } = CUSTOMER;
    const { statusCode, body } = await this.pool.request({
      method: 'POST',
      path: '/api/auth/login',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    if (statusCode !== 200) throw new Error(`the login came to ${statusCode} ${await body.text()}`);
    this.token = ((await body.json()) as { accessToken: string }).accessToken;
  }

  async place(index: number): Promise<Placed> {
    const from = performance.now();
    const items = [{ sku: skuOf(index), quantity: 1 }];
    const { statusCode, headers, body } = await this.pool.request({
      method: 'POST',
      path: '/api/orders',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ items, payment: { method: 'card', token: 'tok_visa' } }),
    });
    await body.dump();
    const ms = performance.now() - from;
    const { 'retry-after': after } = headers;
    return { status: statusCode, retryAfterS: after === undefined ? undefined : Number(after), ms };
  }

  /** Places an order until it is accepted; after a refusal, it waits for the `Retry-After`. */
  async placed(index: number): Promise<void> {
    for (;;) {
      const { status, retryAfterS } = await this.place(index);
      if (status === 202) return;
      if (retryAfterS === undefined) throw new Error(`an order came to ${status}`);
      this.refused += 1;
      await pause(retryAfterS * 1_000);
    }
  }

  async state(): Promise<ShopState> {
    const reply = once(this.child, 'message');
    this.child.send('state');
    return ((await reply) as [ShopState])[0];
  }

  /** Resolves when this number of orders were confirmed since the start. */
  async confirmed(count: number): Promise<void> {
    while ((await this.state()).confirmed < count) await pause(POLL_INTERVAL_MS);
  }

  async stop(): Promise<void> {
    await this.pool.close();
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }
}
