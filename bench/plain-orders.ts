import { newId } from '@seam/kernel';
import pg from 'pg';
import { skuOf } from './shop.js';

/**
 * The floor of an order: its five local transactions in plain pg, each in its own BEGIN and COMMIT, prepared, a
 * connection for each order in flight, and no record of the progress.
 */
export class PlainOrders {
  private constructor(private readonly pool: pg.Pool) {}

  static async create(url: string, connections: number): Promise<PlainOrders> {
    const pool = new pg.Pool({ connectionString: url, max: connections });
    // Ignores that the server ends idle connections when it stops.
    pool.on('error', () => undefined);
    await pool.query(`
      drop schema if exists plain cascade;
      create schema plain;
      create table plain.orders (id uuid primary key, user_id text, status text, body json, placed_at timestamptz);
      create table plain.stock (sku text primary key, available integer check (available >= 0), reserved integer);
      create table plain.payments (order_id uuid primary key, amount bigint, currency text, status text);
      create table plain.notifications (id uuid primary key, order_id uuid, kind text);
    `);
    const skus = Array.from({ length: 11 }, (_, index) => skuOf(index));
    await pool.query('insert into plain.stock select unnest($1::text[]), 100000000, 0', [skus]);
    return new PlainOrders(pool);
  }

  async order(index: number): Promise<void> {
    const id = newId();
    const sku = skuOf(index);
    const body = JSON.stringify({ items: [{ sku, quantity: 1 }] });
    await this.#transaction('plain_place', 'insert into plain.orders values ($1, $2, $3, $4, now())', [
      id,
      'bench',
      'pending',
      body,
    ]);
    await this.#transaction(
      'plain_reserve',
      'update plain.stock set available = available - 1, reserved = reserved + 1 where sku = $1 and available >= 1',
      [sku],
    );
    await this.#transaction('plain_pay', 'insert into plain.payments values ($1, $2, $3, $4)', [
      id,
      1299,
      'EUR',
      'captured',
    ]);
    await this.#transaction('plain_confirm', 'update plain.orders set status = $2 where id = $1', [id, 'confirmed']);
    await this.#transaction('plain_notify', 'insert into plain.notifications values ($1, $2, $3)', [
      newId(),
      id,
      'order-confirmed',
    ]);
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  async #transaction(name: string, text: string, values: unknown[]): Promise<void> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query({ name, text, values });
      await client.query('COMMIT');
    } finally {
      client.release();
    }
  }
}
