import { demoShop, OrderConfirmed, shop } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import { CommandBus, QueryBus } from '@seam/cqrs';
import { releaseMemoryOfStart, type RunningProcess, startProcess } from '@seam/host';
import type { Message } from '@seam/kernel';
import { InProcessBroker } from '@seam/messaging';
import { ProcessContext, readSettings } from '@seam/process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { PlaceOrder } from '../apps/orders/src/features/place-order/place-order.handler.js';
import { benchServices } from './composition.js';

const STAFF_PASSWORD = 'staff-of-the-bench';
/** The customer of the orders. */
export const CUSTOMER = { email: 'bench@example.com', password: 'customer-of-the-bench', name: 'Bench' };
export const SKUS = demoShop.map(({ sku }) => sku).filter((sku) => sku !== 'LAST-ONE');
export const skuOf = (index: number): string => SKUS[index % SKUS.length] ?? 'MUG-BLUE';

/** The whole shop in this process, on its own embedded server with enough stock, and one customer. */
export class BenchShop {
  readonly #confirmed = new Map<string, () => void>();
  readonly #onConfirmed: (orderId: string) => void;
  #running!: RunningProcess;
  #bus!: CommandBus;
  #userId!: string;
  #directory!: string;

  private constructor(onConfirmed?: (orderId: string) => void) {
    this.#onConfirmed = onConfirmed ?? ((orderId) => this.#sawConfirmed(orderId));
  }

  /** @param onConfirmed is called for every confirmed order; {@link order} then never resolves */
  static async start(onConfirmed?: (orderId: string) => void): Promise<BenchShop> {
    const shop = new BenchShop(onConfirmed);
    await shop.#start();
    return shop;
  }

  /** With statement statistics of PostgreSQL, which must be enabled at its start. */
  static async startCounting(): Promise<BenchShop> {
    const shop = new BenchShop();
    await shop.#start();
    await shop.#alterSystem(`shared_preload_libraries = 'pg_stat_statements'`);
    await shop.#running.close();
    await shop.#open();
    return shop;
  }

  /** Places an order by its command, and waits until it is confirmed. */
  async order(index: number): Promise<void> {
    const items = [{ sku: skuOf(index), quantity: 1 }];
    const payment = { method: 'card', token: 'tok_visa' } as const;
    const { value: order } = await this.#bus.execute(new PlaceOrder({ userId: this.#userId, items, payment }));
    await new Promise<void>((resolve) => this.#settle(order.id, resolve));
  }

  /** Counts the commands and queries of all services from now on, until the returned function is called. */
  countBusCalls(): () => { readonly commands: number; readonly queries: number } {
    let [commands, queries] = [0, 0];
    const { app } = this.#running;
    const subscriptions = [
      app.get(CommandBus, { strict: false }).subscribe(() => (commands += 1)),
      app.get(QueryBus, { strict: false }).subscribe(() => (queries += 1)),
    ];
    return () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
      return { commands, queries };
    };
  }

  get url(): string {
    return this.#running.url;
  }

  /** Of a database on the shop's own server. */
  databaseUrl(name: string): Promise<string> {
    return this.#running.app.get(ProcessContext).databaseUrl(name);
  }

  async stop(): Promise<void> {
    await this.#running.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    this.#directory = mkdtempSync(join(tmpdir(), 'seam-bench-'));
    chmodSync(this.#directory, 0o755);
    await this.#open();
    await this.#fillStock();
    this.#userId = (await this.#post<{ id: string }>('/api/users', CUSTOMER)).id;
  }

  async #open(): Promise<void> {
    const settings = readSettings({
      PORT: '0',
      SEAM_DATA: this.#directory,
      SEAM_STAFF_PASSWORD: STAFF_PASSWORD,
      SEAM_LOG: 'error',
    });
    const broker = new InProcessBroker((message, deliver) => {
      if (message.type === OrderConfirmed.type)
        this.#onConfirmed((message as Message<DataOf<typeof OrderConfirmed>>).data.orderId);
      return deliver(message);
    });
    this.#running = await startProcess({ ...shop, services: benchServices() }, settings, { transport: broker });
    this.#bus = this.#running.app.get(CommandBus, { strict: false });
    // As `npm start` does.
    releaseMemoryOfStart();
  }

  async #alterSystem(setting: string): Promise<void> {
    const client = new pg.Client(await this.databaseUrl('users'));
    await client.connect();
    await client.query(`alter system set ${setting}`);
    await client.end();
  }

  /** Its event may arrive before or after the commit of the order returns; the second of the two calls resolves. */
  #settle(orderId: string, resolve: () => void): void {
    const seen = this.#confirmed.get(orderId);
    if (seen === undefined) return void this.#confirmed.set(orderId, resolve);
    this.#confirmed.delete(orderId);
    resolve();
    seen();
  }

  #sawConfirmed(orderId: string): void {
    const waiting = this.#confirmed.get(orderId);
    if (waiting === undefined) return void this.#confirmed.set(orderId, () => undefined);
    this.#confirmed.delete(orderId);
    waiting();
  }

  async #fillStock(): Promise<void> {
    const login = { email: 'staff@seam.local', password: STAFF_PASSWORD };
    const { accessToken } = await this.#post<{ accessToken: string }>('/api/auth/login', login);
    for (const sku of SKUS) await this.#post(`/api/inventory/${sku}/receipts`, { quantity: 1_000_000 }, accessToken);
  }

  async #post<T>(path: string, body: object, token?: string): Promise<T> {
    const response = await fetch(`${this.#running.url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} came to ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
}
