import { Logger } from '@nestjs/common';
import { engine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { UndeliverableError } from '../publisher.js';
import { RabbitRig } from '../testing/rabbit-rig.js';
import { message, type Receiver } from '../testing/receiving-rig.js';
import { idsOf, NOTED, receiverOn } from '../testing/transport.suite.js';
import { work } from '../work.js';

const broker = engine('rabbitmq');
const done = work({ name: 'test' }, undefined, () => ({ value: undefined, messages: [] }));

(broker === undefined ? describe.skip : describe)('RabbitMQ with messages, queues and bindings that are broken', () => {
  const rig = new RabbitRig(broker);
  beforeAll(() => Logger.overrideLogger(false));

  it('handles messages that reached the broker’s delivery limit, because only connections may have been lost', async () => {
    const transport = await rig.open();
    const [returned, ...mates] = Array.from({ length: 5 }, () => message(NOTED, { target: 'b' }));
    await rig.published(returned!, transport);
    await Promise.all(mates.map((each) => transport.publish(each)));
    // Simulates consumers that lose their connections: the messages are redelivered until the broker's delivery limit.
    const victim = await rig.connection.createChannel();
    await victim.prefetch(2);
    await victim.consume(`${rig.prefix}.b`, (delivery) => delivery !== null && victim.reject(delivery, true));
    await eventually(async () => expect(await rig.inQueue('b.dead')).toBe(2));
    await victim.close();
    const b = receiverOn(transport, 'b', () => done);
    await eventually(() => expect(idsOf(b)).toEqual([returned!, ...mates].map(({ id }) => id).sort()));
    expect(b.deadLetters.letters).toEqual([]);
    await eventually(async () => expect(await rig.inQueue('b.dead')).toBe(0));
  });

  it('gives up a message that ends its process each time, without affecting others', async () => {
    const sender = await rig.open();
    const [bad, ...mates] = Array.from({ length: 5 }, () => message(NOTED, { target: 'b' }));
    await rig.published(message(NOTED, { target: 'a' }), sender);
    await Promise.all([bad!, ...mates].map((each) => sender.publish(each)));
    const receivers: Receiver[] = [];
    const letters = (): Receiver['deadLetters']['letters'] => receivers.flatMap((each) => each.deadLetters.letters);
    for (let lives = 0; letters().length === 0; lives += 1) {
      expect(lives).toBeLessThan(12);
      const transport = await rig.open();
      const crashes: string[] = [];
      const b = receiverOn(transport, 'b', ({ id }) => {
        if (id !== bad!.id) return done;
        crashes.push(id);
        return new Promise(() => undefined);
      });
      receivers.push(b);
      await eventually(() => expect(crashes.length + letters().length).toBeGreaterThan(0));
      if (crashes.length > 0) await transport.close();
    }
    expect(letters()).toMatchObject([{ message: bad, handler: `b/${NOTED}`, attempts: 3 }]);
    expect(letters()[0]?.reason).toContain('the process ended each time');
    const handled = new Set(receivers.flatMap(idsOf));
    expect(mates.filter(({ id }) => !handled.has(id))).toEqual([]);
  });

  it('neither sends nor reads messages that are too long', async () => {
    const transport = await rig.open();
    const long = message(NOTED, { target: 'b', data: { text: 'x'.repeat(15_000_000) } });
    await eventually(() => expect(transport.state().status).toBe('up'));
    await expect(transport.publish(long)).rejects.toThrow(UndeliverableError);
    const bundle = Array.from({ length: 20_000 }, () => message(NOTED, { target: 'b' }));
    const foreign = [
      { pattern: NOTED, data: long },
      { pattern: 'seam.bundle.v1', data: bundle },
    ];
    for (const each of foreign)
      rig.raw.sendToQueue(`${rig.prefix}.b`, Buffer.from(JSON.stringify(each)), { persistent: true });
    const b = receiverOn(transport, 'b', () => done);
    await eventually(() => expect(b.deadLetters.letters).toHaveLength(2));
    for (const { reason } of b.deadLetters.letters)
      expect(reason).toMatch(/^too long: \d+ bytes; it is in .*\.b\.parked/);
    expect(await rig.inQueue('b.parked')).toBe(2);
    await eventually(async () => expect(await rig.inQueue('b')).toBe(0));
  });

  it('accepts a bundle of any number of messages, and handles as many at a time as one commit takes', async () => {
    const transport = await rig.open();
    const bundle = Array.from({ length: 2_000 }, () => message(NOTED, { target: 'b' }));
    let [active, most] = [0, 0];
    const b = receiverOn(transport, 'b', async () => {
      most = Math.max(most, (active += 1));
      await new Promise((turn) => setImmediate(turn));
      active -= 1;
      return done;
    });
    const packet = JSON.stringify({ pattern: 'seam.bundle.v1', data: bundle });
    rig.raw.sendToQueue(`${rig.prefix}.b`, Buffer.from(packet), { persistent: true });
    await eventually(() => expect(idsOf(b)).toHaveLength(2_000));
    expect(most).toBeLessThanOrEqual(256);
  });

  it('limits deliveries on every queue with consumers', async () => {
    await rig.open();
    for (const queue of ['b', 'b.dead']) expect(await rig.argumentsOf(queue)).toMatchObject({ 'x-delivery-limit': 20 });
  });

  it('accepts a queue that an earlier version declared without a limit', async () => {
    const unlimited = { 'x-queue-type': 'quorum', 'x-delivery-limit': -1 };
    await rig.raw.assertQueue(`${rig.prefix}.b.dead`, { durable: true, arguments: unlimited });
    const transport = await rig.open();
    const sent = message(NOTED, { target: 'b' });
    const b = receiverOn(transport, 'b', () => done);
    await rig.published(sent, transport);
    await eventually(() => expect(idsOf(b)).toEqual([sent.id]));
  });

  it('an event that is not routed although it has subscribers: the bindings are restored, and it arrives', async () => {
    const transport = await rig.open();
    const [a, b] = [receiverOn(transport, 'a', () => done), receiverOn(transport, 'b', () => done)];
    await rig.published(message(NOTED), transport);
    for (const queue of ['a', 'b']) await rig.raw.unbindQueue(`${rig.prefix}.${queue}`, `${rig.prefix}.events`, NOTED);
    const noted = message(NOTED);
    await expect(transport.publish(noted)).rejects.toThrow(/no queue/);
    await eventually(() => transport.publish(noted));
    await eventually(() => expect([...idsOf(a), ...idsOf(b)].filter((id) => id === noted.id)).toHaveLength(2));
  });

  it('a consumer that the broker has cancelled consumes again, even if its queue was deleted', async () => {
    const transport = await rig.open();
    const b = receiverOn(transport, 'b', () => done);
    await rig.published(message(NOTED, { target: 'b' }), transport);
    await eventually(() => expect(idsOf(b)).toHaveLength(1));
    await rig.raw.deleteQueue(`${rig.prefix}.b`);
    const later = message(NOTED, { target: 'b' });
    await eventually(() => transport.publish(later));
    await eventually(() => expect(idsOf(b)).toContain(later.id));
    expect(b.deadLetters.letters).toEqual([]);
  });

  it('a deleted binding is restored automatically', async () => {
    const transport = await rig.open();
    const b = receiverOn(transport, 'b', () => done);
    await rig.published(message(NOTED), transport);
    await rig.raw.unbindQueue(`${rig.prefix}.b`, `${rig.prefix}.events`, NOTED);
    const isHandled = async (): Promise<void> => {
      const noted = message(NOTED);
      await transport.publish(noted);
      await new Promise((soon) => setTimeout(soon, 300));
      expect(idsOf(b)).toContain(noted.id);
    };
    await eventually(isHandled, { withinMs: 30_000 });
  });
});
