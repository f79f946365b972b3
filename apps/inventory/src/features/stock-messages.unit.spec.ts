import { OrderConfirmed, ReleaseStock, ReserveStock, SaleRefused } from '@seam/contracts';
import { messageOf, type CommandContract, type EventContract } from '@seam/messaging/contract';
import { type Message, newId } from '@seam/kernel';
import type { Work } from '@seam/messaging';
import type { StockResult } from '../domain/change.js';
import { StockKind } from '../ports/stock.js';
import { ReleaseStockHandler } from './release-stock/release-stock.handler.js';
import { ReserveStockHandler } from './reserve-stock/reserve-stock.handler.js';
import { OrderConfirmedHandler } from './sell-stock/order-confirmed.handler.js';

const replyAddress = { service: 'orders', context: { step: 'reserve' } };

/** A message as it arrives from the orders service. */
const received = <D>(contract: CommandContract<D> | EventContract<D>, data: D): Message<D> => ({
  id: newId(),
  source: 'orders',
  at: '2026-01-02T03:04:05.000Z',
  ...messageOf(contract, 'o1', data, { replyTo: replyAddress }),
});

const settle = (work: Work, result: StockResult) => work.settle(result).messages;
const reply = (outcome: object) => ({
  type: 'orders.reply.v1',
  kind: 'reply',
  target: 'orders',
  correlationId: 'o1',
  data: { context: { step: 'reserve' }, outcome },
});

describe('ReserveStock', () => {
  const lines = [{ sku: 'A', quantity: 2 }];
  const work = new ReserveStockHandler().reserve(received(ReserveStock, { orderId: 'o1', lines }));

  it('returns the work of the reservation', () => {
    expect(work).toMatchObject({ kind: StockKind, input: { type: 'reserve', orderId: 'o1', lines } });
  });

  it('is answered with done', () => {
    expect(settle(work, { outcome: 'done' })).toEqual([reply({ outcome: 'done', data: {} })]);
  });

  it.each(['OUT_OF_STOCK', 'RELEASED'] as const)('is answered with refused, %s and the reason', (code) => {
    const refusal = { outcome: 'refused', code, reason: 'because' } as const;
    expect(settle(work, refusal)).toEqual([reply(refusal)]);
  });
});

describe('ReleaseStock', () => {
  it('releases what the order holds, and is answered with done', () => {
    const work = new ReleaseStockHandler().release(received(ReleaseStock, { orderId: 'o1' }));
    expect(work).toMatchObject({ kind: StockKind, input: { type: 'release', orderId: 'o1' } });
    expect(settle(work, { outcome: 'done' })).toEqual([reply({ outcome: 'done', data: {} })]);
  });
});

describe('OrderConfirmed', () => {
  const total = { amount: 100, currency: 'EUR' };
  const confirmed = { orderId: 'o1', userId: 'u1', total, confirmedAt: '2026-01-02T03:04:05.000Z' };
  const work = new OrderConfirmedHandler().sell(received(OrderConfirmed, confirmed));

  it('sells the pieces of the order, and sends no answer', () => {
    expect(work).toMatchObject({ kind: StockKind, input: { type: 'sell', orderId: 'o1' } });
    expect(settle(work, { outcome: 'done' })).toEqual([]);
  });

  it('reports to the service that compensates the order that the pieces are gone', () => {
    const gone = { outcome: 'refused', code: 'OUT_OF_STOCK', reason: '1 of A requested, 0 available' } as const;
    const { outcome: _, ...refusal } = gone;
    expect(settle(work, gone)).toEqual([messageOf(SaleRefused, 'o1', { orderId: 'o1', ...refusal })]);
  });
});
