import { jest } from '@jest/globals';
import type { Channel, ConsumeMessage } from 'amqplib';
import * as fc from 'fast-check';
import { Acknowledgements, HOLD_MS } from './acknowledgements.js';

const PREFETCH = 64;

const turn = (): Promise<unknown> => new Promise((next) => setImmediate(next));
/** The time of holding acknowledgements back passes, and is not measured: a busy machine would change the result. */
const later = (): Promise<void> => jest.advanceTimersByTimeAsync(HOLD_MS);
const delivery = (deliveryTag: number): ConsumeMessage => ({ fields: { deliveryTag } }) as ConsumeMessage;

beforeEach(
  () => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'] }),
);
afterEach(() => void jest.useRealTimers());

/** Simulates a broker: records outstanding messages, and rejects a second acknowledgement. */
class Broker {
  readonly acked = new Set<number>();
  readonly requeued = new Set<number>();
  frames = 0;
  readonly outstanding: Set<number>;

  constructor(count: number) {
    this.outstanding = new Set(Array.from({ length: count }, (_, index) => index + 1));
  }

  readonly channel = {
    ack: ({ fields: { deliveryTag } }: ConsumeMessage, upTo = false) => {
      this.frames += 1;
      if (!this.outstanding.has(deliveryTag)) throw new Error(`unknown delivery tag ${deliveryTag}`);
      for (const tag of [...this.outstanding])
        if (tag === deliveryTag || (upTo && tag < deliveryTag)) this.#settle(tag, this.acked);
    },
    nack: ({ fields: { deliveryTag } }: ConsumeMessage) => this.#settle(deliveryTag, this.requeued),
  } as unknown as Channel;

  /** A receiver that has got all messages this broker has delivered. */
  receiver(prefetch = PREFETCH): Acknowledgements {
    const acknowledgements = new Acknowledgements(this.channel, prefetch);
    for (const _ of this.outstanding) acknowledgements.received();
    return acknowledgements;
  }

  #settle(tag: number, as: Set<number>): void {
    this.outstanding.delete(tag);
    as.add(tag);
  }
}

it('acknowledges exactly the settled messages, in whatever order they settle', () => {
  const plan = fc.array(
    fc.record({ tag: fc.integer({ min: 1, max: 30 }), requeue: fc.boolean(), flush: fc.boolean() }),
  );
  fc.assert(
    fc.property(plan, (steps) => {
      const broker = new Broker(30);
      const acknowledgements = broker.receiver();
      const [done, back] = [new Set<number>(), new Set<number>()];
      for (const { tag, requeue, flush } of steps) {
        if (done.has(tag) || back.has(tag)) continue;
        if (requeue) acknowledgements.requeue(delivery(tag));
        else acknowledgements.ack(delivery(tag));
        (requeue ? back : done).add(tag);
        if (flush) acknowledgements.flush();
      }
      acknowledgements.flush();
      expect([...broker.acked].sort()).toEqual([...done].sort());
      expect([...broker.requeued].sort()).toEqual([...back].sort());
    }),
  );
});

it('needs one frame for all consecutive messages, and none waits for a slow one', async () => {
  const broker = new Broker(100);
  const acknowledgements = broker.receiver(200);
  for (let tag = 1; tag <= 100; tag += 1) if (tag !== 51) acknowledgements.ack(delivery(tag));
  await later();
  expect(broker.outstanding).toEqual(new Set([51]));
  expect(broker.frames).toBe(1 + 49);
  acknowledgements.ack(delivery(51));
  await later();
  expect(broker.outstanding.size).toBe(0);
});

it('collects the acknowledgements of a consumer with less than half of its prefetch in progress', async () => {
  const broker = new Broker(3);
  const acknowledgements = broker.receiver();
  for (const tag of [1, 2, 3]) {
    acknowledgements.ack(delivery(tag));
    await turn();
  }
  expect(broker.frames).toBe(0);
  await later();
  expect(broker.outstanding.size).toBe(0);
  expect(broker.frames).toBe(1);
});

it('holds none back when half of the prefetch is unacknowledged, settled or not', async () => {
  const broker = new Broker(PREFETCH / 2 + 1);
  const acknowledgements = broker.receiver();
  acknowledgements.ack(delivery(1));
  await turn();
  expect(broker.acked).toEqual(new Set([1]));
  acknowledgements.ack(delivery(2)); // One message fewer is unacknowledged now.
  await turn();
  expect(broker.acked).toEqual(new Set([1]));
});

it('also sends those held back when one cannot wait', async () => {
  const broker = new Broker(2);
  const acknowledgements = broker.receiver();
  acknowledgements.ack(delivery(1));
  acknowledgements.ack(delivery(2), true);
  await turn();
  expect(broker.outstanding.size).toBe(0);
  await later();
  expect(broker.frames).toBe(1);
});

it('counts returned messages as settled', async () => {
  const broker = new Broker(PREFETCH / 2 + 1);
  const acknowledgements = broker.receiver();
  acknowledgements.requeue(delivery(2));
  acknowledgements.ack(delivery(1));
  await turn();
  expect(broker.acked.size).toBe(0);
});

it('does nothing on a closed channel', () => {
  const closed = {
    ack: () => {
      throw new Error('Channel closed');
    },
  } as unknown as Channel;
  const acknowledgements = new Acknowledgements(closed, PREFETCH);
  acknowledgements.ack(delivery(1));
  expect(() => acknowledgements.flush()).not.toThrow();
});
