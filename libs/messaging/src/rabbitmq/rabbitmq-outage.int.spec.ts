import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Message } from '@seam/kernel';
import { canStart, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { Outbox, type OutboxEntry } from '../outbox.js';
import { Relay } from '../relay.js';
import { message, Receiver, unavailable } from '../testing/receiving-rig.js';
import { work } from '../work.js';
import { RabbitTransport } from './rabbitmq-transport.js';

const done = work({ name: 'test' }, undefined, () => ({ value: undefined, messages: [] }));
const type = 'shop.noted.v1';
jest.setTimeout(180_000);

const LONG_WAIT = { withinMs: 90_000 };

/** Holds committed messages until they are marked as dispatched; they can be claimed again only after `giveBack`. */
class MemoryOutbox extends Outbox {
  override readonly ordered = undefined;
  readonly waiting = new Map<string, Message>();
  readonly #due = new Map<string, number>();

  commit(messages: readonly Message[]): void {
    for (const each of messages) this.waiting.set(each.id, each);
  }

  override markDispatched(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.waiting.delete(id);
    return Promise.resolve();
  }

  override claim(limit: number): Promise<OutboxEntry[]> {
    const due = [...this.#due].filter(([, at]) => at <= Date.now()).slice(0, limit);
    for (const [id] of due) this.#due.delete(id);
    return Promise.resolve(
      due.flatMap(([id]) => (this.waiting.has(id) ? [{ id, messages: [this.waiting.get(id)!] }] : [])),
    );
  }

  override giveBack(ids: readonly string[], afterMs: number): Promise<void> {
    for (const id of ids) this.#due.set(id, Date.now() + afterMs);
    return Promise.resolve();
  }

  override adopt(): Promise<void> {
    return Promise.resolve();
  }

  override lag(): Promise<{ waiting: number; oldestSeconds: number }> {
    return Promise.resolve({ waiting: this.waiting.size, oldestSeconds: 0 });
  }
}

(canStart('rabbitmq') ? describe : describe.skip)('RabbitMQ that goes away', () => {
  let broker: OwnEngine;
  let transport: RabbitTransport;
  let receiver: Receiver;
  let relay: Relay;
  let outbox: MemoryOutbox;

  const handled = (): Set<string> => new Set(receiver.committer.handled.map(({ cause }) => cause.messageId));
  /** Commits, and hands the messages to the relay as a committer does: each stays in the outbox until it is marked. */
  const commit = (count: number): Message[] => {
    const sent = Array.from({ length: count }, () => message(type, { target: 'a' }));
    outbox.commit(sent);
    relay.handOver(sent.map((each) => ({ id: each.id, messages: [each] })));
    return sent;
  };
  const arrive = (sent: readonly Message[]): Promise<void> =>
    eventually(() => {
      expect(sent.filter(({ id }) => !handled().has(id))).toEqual([]);
      expect(sent.filter(({ id }) => outbox.waiting.has(id))).toEqual([]);
    }, LONG_WAIT);

  beforeAll(async () => {
    Logger.overrideLogger(false);
    broker = await ownEngine('rabbitmq');
    transport = new RabbitTransport({
      url: broker.url,
      services: ['a'],
      subscriptions: {},
      log: () => undefined,
    });
    await transport.open();
    receiver = new Receiver('a');
    receiver.listen(transport.receiverFor('a'), { [type]: () => done });
    outbox = new MemoryOutbox();
    relay = new Relay({ service: 'test', outbox, publisher: transport, deadLetters: receiver.deadLetters });
    await relay.start(false);
  });

  afterAll(async () => {
    await relay.stop();
    await transport.close();
    await broker.remove();
  });

  it('killed under load: messages sent before, meanwhile and after arrive', async () => {
    const before = commit(500);
    await broker.kill();
    await eventually(() => expect(transport.state()).toMatchObject({ status: 'degraded' }), LONG_WAIT);
    const meanwhile = commit(200);
    expect(meanwhile.filter(({ id }) => handled().has(id))).toEqual([]);
    await broker.start();
    const after = commit(100);
    await arrive([...before, ...meanwhile, ...after]);
    expect(transport.state()).toEqual({ status: 'up' });
  });

  it('restarted five times under load: redelivered messages are handled, and none becomes a dead letter', async () => {
    const sent: Message[] = [];
    for (let restarts = 0; restarts < 5; restarts += 1) {
      for (let commits = 0; commits < 20; commits += 1) {
        sent.push(...commit(24));
        await new Promise((soon) => setTimeout(soon, 20));
      }
      await broker.kill();
      await broker.start();
    }
    await arrive(sent);
    expect(receiver.deadLetters.letters).toEqual([]);
  });

  it('whose connections are repeatedly cut while a message is handled: the message loses no attempt', async () => {
    let held = true;
    receiver.committer.answer = () =>
      held ? new Promise((over) => setTimeout(over, 50)).then(unavailable) : Promise.resolve();
    const sent = commit(40);
    for (let cuts = 0; cuts < 8; cuts += 1) {
      await new Promise((soon) => setTimeout(soon, 1_500));
      await broker.exec('rabbitmqctl', 'close_all_connections', 'cut');
    }
    held = false;
    await arrive(sent);
    expect(receiver.deadLetters.letters).toEqual([]);
  });

  it('unavailable at the start: the process starts, and connects when the broker is available', async () => {
    await broker.kill();
    const late = new RabbitTransport({ url: broker.url, services: ['a'], subscriptions: {}, log: () => undefined });
    await late.open();
    expect(late.state()).toMatchObject({ status: 'degraded' });
    const lateReceiver = new Receiver('a');
    lateReceiver.listen(late.receiverFor('a'), { [type]: () => done });
    await broker.start();
    await eventually(() => expect(late.state()).toEqual({ status: 'up' }), LONG_WAIT);
    const sent = message(type, { target: 'a' });
    await late.publish(sent);
    const idsOf = ({ committer }: Receiver): string[] => committer.handled.map(({ cause }) => cause.messageId);
    await eventually(() => expect([...idsOf(lateReceiver), ...idsOf(receiver)]).toContain(sent.id));
    await late.close();
  });

  it('that stops answering while its connections stay open: detected by missing heartbeats', async () => {
    await broker.pause();
    const meanwhile = commit(50);
    await eventually(() => expect(transport.state()).toMatchObject({ status: 'degraded' }), LONG_WAIT);
    await broker.resume();
    await arrive(meanwhile);
  });

  it('out of memory: reported as blocked, and used again when it is no longer blocked', async () => {
    await broker.exec('rabbitmqctl', 'set_vm_memory_high_watermark', '0');
    const meanwhile = commit(20); // RabbitMQ informs only publishers about the alarm.
    await eventually(
      () => expect(transport.state()).toMatchObject({ status: 'degraded', reason: expect.stringContaining('blocked') }),
      LONG_WAIT,
    );
    await broker.exec('rabbitmqctl', 'set_vm_memory_high_watermark', '0.6');
    await arrive(meanwhile);
  });

  it('whose queue was deleted: the queue is declared again', async () => {
    await broker.exec('rabbitmqctl', 'delete_queue', 'seam.a');
    await arrive(commit(10));
  });
});
