import { Logger } from '@nestjs/common';
import type { Message } from '@seam/kernel';
import { canStart, eventually, type OwnEngine, ownEngine } from '@seam/testing';
import { Relay } from '../relay.js';
import { message, Receiver } from '../testing/receiving-rig.js';
import { work } from '../work.js';
import { RabbitTransport } from './rabbitmq-transport.js';

const done = work({ name: 'test' }, undefined, () => ({ value: undefined, messages: [] }));
const type = 'shop.noted.v1';
const patiently = { withinMs: 40_000 };

(canStart('rabbitmq') ? describe : describe.skip)('RabbitMQ that goes away', () => {
  let broker: OwnEngine;
  let transport: RabbitTransport;
  let receiver: Receiver;
  let relay: Relay;
  let forgotten: string[];

  const handled = (): Set<string> => new Set(receiver.committer.handled.map(({ cause }) => cause.messageId));
  /** Commits as an outbox would hand them over: each stays there until it is forgotten. */
  const commit = (count: number): Message[] => {
    const sent = Array.from({ length: count }, () => message(type, { target: 'a' }));
    relay.handOver(sent.map((each) => ({ id: each.id, messages: [each] })));
    return sent;
  };
  const arrive = (sent: readonly Message[]): Promise<void> =>
    eventually(() => {
      expect(sent.filter(({ id }) => !handled().has(id))).toEqual([]);
      expect(sent.filter(({ id }) => !forgotten.includes(id))).toEqual([]);
    }, patiently);

  beforeAll(async () => {
    Logger.overrideLogger(false);
    broker = await ownEngine('rabbitmq');
    transport = new RabbitTransport({
      url: broker.url,
      services: ['a'],
      subscriptions: {},
      waitMs: 30_000,
      log: () => undefined,
    });
    await transport.open();
    receiver = new Receiver('a');
    receiver.listen(transport.receiverFor('a'), { [type]: () => done });
    forgotten = [];
    const outbox = {
      dispatched: (ids: readonly string[]) => Promise.resolve(void forgotten.push(...ids)),
      claim: () => Promise.resolve([]),
      adopt: () => Promise.resolve(),
      lag: () => Promise.resolve({ waiting: 0, oldestSeconds: 0 }),
    };
    relay = new Relay({ service: 'test', outbox, publisher: transport });
    await relay.start(false);
  });

  afterAll(async () => {
    await relay.stop();
    await transport.close();
    await broker.remove();
  });

  it('killed under load: what was sent before, meanwhile and after arrives', async () => {
    const before = commit(500);
    await broker.kill();
    await eventually(() => expect(transport.state()).toMatchObject({ status: 'degraded' }), patiently);
    const meanwhile = commit(200);
    expect(meanwhile.filter(({ id }) => handled().has(id))).toEqual([]);
    await broker.start();
    const after = commit(100);
    await arrive([...before, ...meanwhile, ...after]);
    expect(transport.state()).toEqual({ status: 'up' });
  });

  it('that stops answering with its connections left open: noticed by its silence', async () => {
    await broker.pause();
    const meanwhile = commit(50);
    await eventually(() => expect(transport.state()).toMatchObject({ status: 'degraded' }), patiently);
    await broker.resume();
    await arrive(meanwhile);
  });

  it('out of memory: says that it is blocked, and goes on when it no longer is', async () => {
    await broker.exec('rabbitmqctl', 'set_vm_memory_high_watermark', '0');
    const meanwhile = commit(20); // RabbitMQ tells those who publish.
    await eventually(
      () => expect(transport.state()).toMatchObject({ status: 'degraded', reason: expect.stringContaining('blocked') }),
      patiently,
    );
    await broker.exec('rabbitmqctl', 'set_vm_memory_high_watermark', '0.6');
    await arrive(meanwhile);
  });

  it('whose queue was deleted: declares it anew', async () => {
    await broker.exec('rabbitmqctl', 'delete_queue', 'seam.a');
    await arrive(commit(10));
  });
});
