import { Logger } from '@nestjs/common';
import type { Message } from '@seam/kernel';
import { eventually } from '@seam/testing';
import { engine } from '@seam/testing/engines';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { defineCommand } from '../contract/index.js';
import { UndeliverableError } from '../publisher.js';
import { RabbitRig } from '../testing/rabbit-rig.js';
import { message, Receiver } from '../testing/receiving-rig.js';
import { NOTED, receiverOn } from '../testing/transport.suite.js';
import { work } from '../work.js';
import type { RabbitTransport } from './rabbitmq-transport.js';
import { PARTITIONS, partitionOf } from './topology.js';

const broker = engine('rabbitmq');
const done = work({ name: 'test' }, undefined, () => ({ value: undefined, messages: [] }));
const keyed = (key: string, n: number): Message => message(NOTED, { target: 'a', key, data: n });

(broker === undefined ? describe.skip : describe)('messages with a key over RabbitMQ', () => {
  const rig = new RabbitRig(broker);
  beforeAll(() => Logger.overrideLogger(false));

  /** What all processes have committed, in that order; a message counts once, as in one store. */
  class Shared {
    readonly committed: Message[] = [];
    readonly receivers: Receiver[] = [];

    on(transport: RabbitTransport, handle: (m: Message) => unknown = () => undefined): Receiver {
      const taken = new Map<string, Message>();
      const receiver = receiverOn(transport, 'a', async (m) => {
        taken.set(m.id, m);
        return (await handle(m)) ?? done;
      });
      receiver.committer.answer = ({ messageId }) => {
        if (!this.committed.some(({ id }) => id === messageId)) this.committed.push(taken.get(messageId)!);
        return Promise.resolve();
      };
      this.receivers.push(receiver);
      return receiver;
    }

    of(key: string): unknown[] {
      return this.committed.filter((each) => each.key === key).map(({ data }) => data);
    }
  }

  const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
  /** Sends each message of each key when the one before is with the broker. */
  const send = (from: RabbitTransport, keys: readonly string[], count: number): Promise<unknown> =>
    Promise.all(
      keys.map(async (key) => {
        for (const n of numbers(count)) await rig.published(keyed(key, n), from);
      }),
    );

  it('spreads over the queues, which all processes of a service share', () => {
    const used = new Set(numbers(200).map((n) => partitionOf(`key-${n}`)));
    expect(used.size).toBe(PARTITIONS);
  });

  it('keeps the order when processes stop, lose their connection, and come back, under load', async () => {
    const keys = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6'];
    const sender = await rig.open();
    const shared = new Shared();
    const slowly = () => pause(Math.random() * 8);
    const sent = send(sender, keys, 60);
    for (let round = 0; round < 5; round += 1) {
      const [stays, dies, stops] = [await rig.open(), await rig.open(), await rig.open()];
      const ended = [stays, dies, stops].map((transport) => ({ transport, receiver: shared.on(transport, slowly) }));
      await pause(150);
      await dies.close(); // What it handles goes on without a connection, as in a process that was cut off.
      await pause(100);
      ended[2]!.receiver.consumer.stop();
      await stops.receiverFor('a').drain();
      await stops.close();
      if (round < 4) await stays.close();
    }
    await sent;
    shared.on(await rig.open());
    await eventually(() => expect(shared.committed).toHaveLength(keys.length * 60), { withinMs: 30_000 });
    for (const key of keys) expect(shared.of(key)).toEqual(numbers(60));
  }, 90_000);

  it('begins no later message of a key when it stops, and leaves them in their order', async () => {
    const shared = new Shared();
    const stopping = await rig.open();
    let end!: () => void;
    shared.on(stopping, () => new Promise<void>((resolve) => (end = resolve)));
    await send(stopping, ['k'], 3);
    await eventually(() => expect(end).toBeDefined());
    const other = await rig.open();
    shared.on(other);
    const drained = stopping.receiverFor('a').drain();
    await pause(100);
    expect(shared.of('k')).toEqual([]);
    end();
    await drained;
    await eventually(() => expect(shared.of('k')).toEqual([0, 1, 2]));
  });

  it('refuses a message with a key for a service without queues for it, and such a service', async () => {
    const transport = await rig.open({ ordered: [] });
    const refused = await transport.publish(keyed('k', 1)).catch((error: unknown) => error as Error);
    expect(refused).toBeInstanceOf(UndeliverableError);
    expect((refused as Error).message).toMatch(/a has no queue for such messages: .*`ordered`/);
    const contract = defineCommand({ service: 'b', name: 'x', data: z.unknown(), reply: z.object({}), key: () => 'k' });
    const handlers = { [NOTED]: () => done };
    expect(() => new Receiver('b').listen(transport.receiverFor('b'), handlers, { contract })).toThrow(
      /b handles b\.x\.v1, which have a key/,
    );
  });
});
