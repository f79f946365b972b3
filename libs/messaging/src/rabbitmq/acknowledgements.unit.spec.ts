import type { Channel, ConsumeMessage } from 'amqplib';
import * as fc from 'fast-check';
import { Acknowledgements } from './acknowledgements.js';

const delivery = (deliveryTag: number): ConsumeMessage => ({ fields: { deliveryTag } }) as ConsumeMessage;

/** A broker's side: what it has handed out, and what it does not take back twice. */
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

  #settle(tag: number, as: Set<number>): void {
    this.outstanding.delete(tag);
    as.add(tag);
  }
}

it('acknowledges exactly what is done, in whatever order it ends', () => {
  const plan = fc.array(
    fc.record({ tag: fc.integer({ min: 1, max: 30 }), requeue: fc.boolean(), flush: fc.boolean() }),
  );
  fc.assert(
    fc.property(plan, (steps) => {
      const broker = new Broker(30);
      const acknowledgements = new Acknowledgements(broker.channel);
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

it('takes one frame for all at the front, and lets nobody wait for one that takes long', async () => {
  const broker = new Broker(100);
  const acknowledgements = new Acknowledgements(broker.channel);
  for (let tag = 1; tag <= 100; tag += 1) if (tag !== 51) acknowledgements.ack(delivery(tag));
  await new Promise((turn) => setImmediate(turn));
  expect(broker.outstanding).toEqual(new Set([51]));
  expect(broker.frames).toBe(1 + 49);
  acknowledgements.ack(delivery(51));
  await new Promise((turn) => setImmediate(turn));
  expect(broker.outstanding.size).toBe(0);
});

it('has nothing to do on a channel that has closed', () => {
  const closed = {
    ack: () => {
      throw new Error('Channel closed');
    },
  } as unknown as Channel;
  const acknowledgements = new Acknowledgements(closed);
  acknowledgements.ack(delivery(1));
  expect(() => acknowledgements.flush()).not.toThrow();
});
