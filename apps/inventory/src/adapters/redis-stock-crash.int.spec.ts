import { Logger } from '@nestjs/common';
import { newId } from '@seam/kernel';
import { type Cause, work } from '@seam/messaging';
import { RedisOutbox } from '@seam/messaging/redis';
import { canStart, ownEngine, type OwnEngine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { StockKind } from '../ports/stock.js';
import { line, receipt, reserve, upTo } from '../ports/stock-suite/driver.js';
import { freshKeys, redisInventory, type RedisInventory } from '../testing/redis-inventory.js';

const PIECES = 300;

(canStart('redis') ? describe : describe.skip)('the stock in a Redis that is killed', () => {
  let server: OwnEngine;
  let processes: RedisInventory[];
  const keys = freshKeys();

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = await ownEngine('redis');
    processes = await Promise.all(upTo(3).map(() => redisInventory(server.url, keys)));
  });
  afterAll(async () => {
    for (const inventory of processes) inventory.close();
    await server.remove();
  });

  const reservation = (orderId: string) =>
    work(StockKind, reserve(orderId, line('HOT')), (result) => ({
      value: undefined,
      messages: [
        { type: 'orders.reply.v1', kind: 'reply', target: 'orders', correlationId: orderId, data: result } as const,
      ],
    }));

  /** Simulates a transport, which delivers a message again until it is accepted, to any process. */
  async function deliver(orderId: string, cause: Cause): Promise<string> {
    for (;;) {
      const { committer } = processes[Math.floor(Math.random() * processes.length)]!;
      try {
        return await committer.handle(reservation(orderId), cause);
      } catch (error) {
        expect(error).toMatchObject({ code: 'STORE.UNAVAILABLE' });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  it('loses nothing that it has accepted, sells nothing twice, and answers each order once', async () => {
    const [first] = processes;
    const nothing = (): { value: undefined; messages: [] } => ({ value: undefined, messages: [] });
    await first!.committer.commit(work(StockKind, { type: 'open', sku: 'HOT' }, nothing));
    await first!.committer.commit(work(StockKind, receipt('HOT', PIECES), nothing));
    let next = 0;
    let killing = true;
    const orders = 900;
    const customers = upTo(30).map(async () => {
      while (next < orders) {
        const orderId = `o${(next += 1)}`;
        const cause = { messageId: newId(), handler: 'test/reserve', correlationId: orderId };
        // Each is delivered twice, as a transport may do.
        await Promise.all([deliver(orderId, cause), deliver(orderId, cause)]);
        if (killing) await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });
    for (let kills = 0; kills < 3; kills += 1) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await server.kill();
      await server.start();
      await eventually(async () => expect(await first!.redis.ping()).toBe('PONG'));
    }
    killing = false;
    await Promise.all(customers);
    const levels = (await first!.stock.find('HOT'))!;
    expect(levels).toEqual({ available: 0, reserved: PIECES, sold: 0 });
    expect(await first!.redis.zcard(keys.of('reserved'))).toBe(PIECES);
    const waiting = await new RedisOutbox(first!.redis, keys).lag();
    // The relay of these processes sends nothing: one reply for each order, whatever happened to its commits.
    expect(waiting.waiting).toBe(orders);
  }, 120_000);
});
