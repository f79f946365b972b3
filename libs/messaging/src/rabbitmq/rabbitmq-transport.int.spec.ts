import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Message } from '@seam/kernel';
import { engine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { DeliveryRejectedError, UndeliverableError } from '../publisher.js';
import { PermanentError } from '../retry-policy.js';
import { RabbitRig } from '../testing/rabbit-rig.js';
import { message, type Receiver } from '../testing/receiving-rig.js';
import { describeTransport, idsOf, NOTED, receiverOn } from '../testing/transport.suite.js';
import { work } from '../work.js';
import { HOLD_MS } from './acknowledgements.js';

const broker = engine('rabbitmq');
const done = work({ name: 'test' }, undefined, () => ({ value: undefined, messages: [] }));

(broker === undefined ? describe.skip : describe)('RabbitMQ', () => {
  const rig = new RabbitRig(broker);
  beforeAll(() => Logger.overrideLogger(false));

  describeTransport('over RabbitMQ', async () => {
    const transport = await rig.open();
    await eventually(() => transport.publish(message('shop.unheard.v1')));
    return transport;
  });

  it('stores an event for a subscriber that was never started, which handles it once if it is sent twice', async () => {
    const first = await rig.open();
    const noted = message(NOTED);
    await rig.published(noted, first);
    await first.publish(noted);
    const b = receiverOn(await rig.open(), 'b', () => done);
    await eventually(() => expect(idsOf(b)).toEqual([noted.id]));
    await eventually(async () => expect(await rig.inQueue('b')).toBe(0));
  });

  it('acknowledges after the commit: what a process had not committed goes to the next one', async () => {
    const dying = await rig.open();
    let committing = false;
    const held = receiverOn(dying, 'b', () => done);
    held.committer.answer = () => new Promise(() => (committing = true));
    const noted = message(NOTED);
    await rig.published(noted, dying);
    await eventually(() => expect(committing).toBe(true));
    await dying.close();
    const b = receiverOn(await rig.open(), 'b', () => done);
    await eventually(() => expect(idsOf(b)).toEqual([noted.id]));
  });

  it('reports how long messages waited in its queue', async () => {
    const transport = await rig.open();
    const waitMs = (): number => transport.receiverFor('b').waitMs;
    const b = receiverOn(transport, 'b', () => done);
    const publish = async (count: number, ageMs: number): Promise<void> => {
      const at = new Date(Date.now() - ageMs).toISOString();
      await Promise.all(Array.from({ length: count }, () => rig.published(message(NOTED, { at }), transport)));
    };
    expect(waitMs()).toBe(0);
    await eventually(async () => {
      await publish(30, 60_000);
      expect(waitMs()).toBeGreaterThanOrEqual(60_000);
    });
    expect(idsOf(b).length).toBeGreaterThan(20);
  });

  it('defers a failing message without blocking the queue, and retries it later', async () => {
    const transport = await rig.open();
    const [bad, good] = [message(NOTED), message(NOTED)];
    let failed = 0;
    const failing = ({ id }: Message): unknown => {
      if (id === bad.id && (failed += 1) < 4) throw new Error('not yet');
      return done;
    };
    const b = receiverOn(transport, 'b', failing, { attempts: 5, firstDelayMs: 3_000, longestDelayMs: 3_000 });
    await rig.published(bad, transport);
    await eventually(() => expect(failed).toBeGreaterThan(1));
    await transport.publish(good);
    await eventually(() => expect(idsOf(b)).toContain(good.id));
    await eventually(() => expect(idsOf(b)).toContain(bad.id), { withinMs: 20_000 });
    expect(b.deadLetters.letters).toEqual([]);
  });

  it('gives a dead letter all its attempts, also those before it was deferred, and by other processes', async () => {
    const transport = await rig.open();
    const retries = { attempts: 4, firstDelayMs: 1_000, longestDelayMs: 1_000 };
    const text = `☃ ${'x'.repeat(500)}`;
    const receivers = [transport, await rig.open()].map((each, index) =>
      receiverOn(each, 'b', () => Promise.reject(new Error(`${index} ${text}`)), retries),
    );
    await rig.published(message(NOTED, { target: 'b' }), transport);
    const letters = (): Receiver['deadLetters']['letters'] => receivers.flatMap((each) => each.deadLetters.letters);
    await eventually(() => expect(letters()).toHaveLength(1), { withinMs: 20_000 });
    const history = letters()[0]!.history!;
    expect(history.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    expect(history.every(({ error }) => /^[01] ☃ x/.test(error))).toBe(true);
    const times = history.map(({ at }) => Date.parse(at));
    // Three pauses, each of at least half of its second: the rest of it is random.
    expect(times[3]! - times[0]!).toBeGreaterThanOrEqual(1_490);
  });

  it('stores unreadable messages as dead letters, without blocking the queue', async () => {
    const transport = await rig.open();
    const b = receiverOn(transport, 'b', () => done);
    await rig.published(message(NOTED), transport);
    await eventually(() => expect(idsOf(b)).toHaveLength(1));
    const foreign = ['{"broken', '[]', JSON.stringify({ pattern: NOTED, data: { id: 'not-a-uuid' } })];
    for (const text of foreign) rig.raw.sendToQueue(`${rig.prefix}.b`, Buffer.from(text), { persistent: true });
    const unknown = message('shop.noted.v9', { target: 'b' });
    await transport.publish(unknown);
    await transport.publish(message(NOTED, { target: 'b' }));
    await eventually(() => expect(idsOf(b)).toHaveLength(2));
    await eventually(() => expect(b.deadLetters.letters).toHaveLength(4));
    const reasons = b.deadLetters.letters.map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason.startsWith('not JSON'))).toHaveLength(1);
    expect(reasons.filter((reason) => reason.startsWith('not a message of Seam'))).toHaveLength(2);
    expect(b.deadLetters.letters.find(({ reason }) => reason.startsWith('no handler'))?.message).toEqual(unknown);
    const [kept] = b.deadLetters.letters.filter(({ reason }) => reason.startsWith('not JSON'));
    expect(kept?.message.data).toMatchObject({ content: Buffer.from('{"broken').toString('base64') });
  });

  it('sends simultaneous messages as one, and handles each separately', async () => {
    const transport = await rig.open();
    const bad = message(NOTED, { target: 'b' });
    const b = receiverOn(transport, 'b', ({ id }) => {
      if (id === bad.id) throw new PermanentError('poison');
      return done;
    });
    const sent = [bad, ...Array.from({ length: 80 }, () => message(NOTED, { target: 'b' }))];
    await eventually(async () => {
      await Promise.all(sent.map((each) => transport.publish(each)));
    });
    await eventually(() =>
      expect(idsOf(b).sort()).toEqual(
        sent
          .slice(1)
          .map(({ id }) => id)
          .sort(),
      ),
    );
    expect(b.deadLetters.letters.map(({ message: { id } }) => id)).toEqual([bad.id]);
  });

  it('splits a redelivered bundle: a message that ends its process does not affect the others', async () => {
    const transport = await rig.open();
    await rig.published(message(NOTED, { target: 'a' }), transport);
    const sent = Array.from({ length: 10 }, () => message(NOTED, { target: 'b' }));
    await Promise.all(sent.map((each) => transport.publish(each)));
    expect(await rig.inQueue('b')).toBe(1);
    const dying = await rig.connection.createChannel();
    await new Promise((taken) => void dying.consume(`${rig.prefix}.b`, taken));
    await dying.close();
    const separated: number[] = [];
    const b = receiverOn(await rig.open(), 'b', () => {
      separated.push(1);
      return done;
    });
    await eventually(() => expect(idsOf(b).sort()).toEqual(sent.map(({ id }) => id).sort()));
    expect(separated).toHaveLength(10);
    await eventually(async () => expect(await rig.inQueue('b')).toBe(0));
  });

  it('reports that a message to a service that does not exist can never be delivered', async () => {
    const transport = await rig.open();
    await rig.published(message(NOTED), transport);
    const undeliverable = transport.publish(message(NOTED, { target: 'nobody' }));
    await expect(undeliverable).rejects.toThrow(/no queue .*nobody, and no service of that name/);
    await expect(undeliverable).rejects.toThrow(UndeliverableError);
    expect(transport.unroutable).toBe(1);
  });

  it('stops accepting messages, and completes those that it has started', async () => {
    const transport = await rig.open();
    let end!: () => void;
    const b = receiverOn(transport, 'b', () => done);
    b.committer.answer = () => new Promise((resolve) => (end = resolve));
    const [first, second] = [message(NOTED, { target: 'b' }), message(NOTED, { target: 'b' })];
    await rig.published(first, transport);
    await eventually(() => expect(end).toBeDefined());
    let settled = false;
    const drained = transport
      .receiverFor('b')
      .drain()
      .finally(() => (settled = true));
    await transport.publish(message(NOTED, { target: 'a' }));
    expect(settled).toBe(false);
    end();
    await drained;
    await transport.publish(second);
    expect(idsOf(b)).toEqual([first.id]);
    expect(await rig.inQueue('b')).toBe(1);
  });

  it('acknowledges what it has handled before it ends, so that nothing is redelivered', async () => {
    const transport = await rig.open();
    const b = receiverOn(transport, 'b', () => done);
    const { setTimeout: later } = globalThis;
    jest
      .spyOn(globalThis, 'setTimeout')
      .mockImplementation(((run: () => void, ms: number) =>
        later(run, ms === HOLD_MS ? 2_000 : ms)) as typeof setTimeout);
    await rig.published(message(NOTED, { target: 'b' }), transport);
    while (idsOf(b).length === 0) await new Promise((turn) => setImmediate(turn));
    await transport.receiverFor('b').drain();
    await transport.close();
    jest.restoreAllMocks();
    const next = receiverOn(await rig.open(), 'b', () => done);
    await new Promise((passed) => setTimeout(passed, 300));
    expect(idsOf(next)).toEqual([]);
  });

  it('shares one queue between processes; each message is handled by one of them', async () => {
    const [one, two] = [await rig.open({ prefetch: 1 }), await rig.open({ prefetch: 1 })];
    // Neither acknowledges anything before the other one has a message too.
    const waiting = new Set<number>();
    let both!: () => void;
    const shared = new Promise<void>((resolve) => (both = resolve));
    const receivers = [one, two].map((transport, index) =>
      receiverOn(transport, 'b', async () => {
        if (waiting.add(index).size === 2) both();
        await shared;
        return done;
      }),
    );
    const sent = Array.from({ length: 200 }, () => message(NOTED, { target: 'b' }));
    await rig.published(sent[0]!, one);
    await Promise.all(sent.slice(1).map((each) => one.publish(each)));
    await eventually(() => expect(receivers.flatMap(idsOf).sort()).toEqual(sent.map(({ id }) => id).sort()));
    expect(receivers.every((each) => idsOf(each).length > 0)).toBe(true);
  });

  describe('at the start', () => {
    it('refuses a queue with other arguments, and says what to do', async () => {
      await rig.raw.assertQueue(`${rig.prefix}.a`, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
      await expect(rig.open()).rejects.toMatchObject({
        code: 'PERSISTENCE.ENGINE_REFUSED',
        message: expect.stringMatching(
          new RegExp(`${rig.prefix}\\.a with other arguments[^]*delete_queue ${rig.prefix}\\.a`),
        ),
      });
    });

    it.each([
      ['password', (right: URL) => (right.password = 'wrong-one')],
      ['virtual host', (right: URL) => (right.pathname = '/nowhere')],
    ])('refuses a wrong %s at once, without showing it', async (_, spoil) => {
      const wrong = new URL(rig.url);
      spoil(wrong);
      const refused = await rig.open({ url: wrong.href }).catch((error: unknown) => error as Error);
      expect(refused).toMatchObject({
        code: 'PERSISTENCE.ENGINE_REFUSED',
        message: expect.stringContaining('RABBITMQ_URL'),
      });
      expect((refused as Error).message).not.toContain('wrong-one');
    });

    it('starts without an unavailable broker, and logs that: nothing is sent', async () => {
      const lines: string[] = [];
      const away = 'amqp://seam:secret@127.0.0.1:1';
      const transport = rig.transport({ url: away, log: (line) => lines.push(line) });
      await transport.open();
      expect(lines).toEqual([expect.stringMatching(/127\.0\.0\.1:1 does not answer .*starting without it/)]);
      expect(transport.ready()).toBe(false);
      await eventually(() =>
        expect(transport.state()).toMatchObject({
          status: 'degraded',
          reason: expect.stringContaining('ECONNREFUSED'),
        }),
      );
      await expect(transport.publish(message(NOTED))).rejects.toThrow(DeliveryRejectedError);
      receiverOn(transport, 'b', () => done);
    });

    it('refuses a service whose handled events differ from the bindings of its queue', async () => {
      const transport = await rig.open({ subscriptions: { a: [NOTED] } });
      expect(() => receiverOn(transport, 'b', () => done)).toThrow(/b handles shop.noted.v1.* say none/);
    });
  });

  it('rejects at once while there is no broker', async () => {
    const transport = rig.transport();
    await transport.open();
    await eventually(() => expect(transport.state().status).toBe('up'));
    await transport.close();
    await expect(transport.publish(message(NOTED))).rejects.toThrow(DeliveryRejectedError);
  });
});
