import { Logger } from '@nestjs/common';
import type { Message } from '@seam/kernel';
import { eventually } from '@seam/testing';
import { DeliveryRejectedError } from '../publisher.js';
import { message, Receiver } from '../testing/receiving-rig.js';
import { describeTransport } from '../testing/transport.suite.js';
import { work } from '../work.js';
import { InProcessBroker } from './in-process-broker.js';

const done = work({ name: 'test' }, undefined, () => ({ value: undefined, messages: [] }));
const type = 'shop.noted.v1';
const turn = (): Promise<unknown> => new Promise((run) => setImmediate(run));

let broker: InProcessBroker;
const receiver = (service: string, handle?: (message: Message) => unknown): Receiver => {
  const made = new Receiver(service);
  const server = broker.receiverFor(service);
  if (handle !== undefined) made.listen(server, { [type]: handle });
  return made;
};
const ids = ({ committer }: Receiver): string[] => committer.handled.map(({ cause }) => cause.messageId);

beforeAll(() => Logger.overrideLogger(false));
beforeEach(() => (broker = new InProcessBroker()));

describeTransport('in process', () => Promise.resolve(new InProcessBroker(undefined, ['a', 'b'])));

describe('an event', () => {
  it('reaches every service that handles it, and no other', async () => {
    const [a, b] = [receiver('a', () => done), receiver('b', () => done)];
    const c = new Receiver('c');
    c.listen(broker.receiverFor('c'), { 'shop.other.v1': () => done });
    const sent = message(type);
    await broker.publish(sent);
    expect([ids(a), ids(b), ids(c)]).toEqual([[sent.id], [sent.id], []]);
    expect(c.deadLetters.letters).toEqual([]);
  });

  it('without a handler counts as delivered', async () => {
    receiver('a', () => done);
    await broker.publish(message('shop.unheard.v1'));
  });

  it('is handled by one service whatever its result in another', async () => {
    const a = receiver('a', () => {
      throw new Error('poison');
    });
    const b = receiver('b', () => done);
    await broker.publish(message(type));
    expect(a.deadLetters.letters).toHaveLength(1);
    expect(ids(b)).toHaveLength(1);
  });

  it('that one service rejects is not settled before the others have finished', async () => {
    let end!: () => void;
    receiver('a', () => done);
    const b = receiver('b', () => new Promise((resolve) => (end = () => resolve(done))));
    broker.receiverFor('a').close();
    let settled = false;
    const publishing = broker.publish(message(type)).finally(() => (settled = true));
    const outcome = expect(publishing).rejects.toThrow(DeliveryRejectedError);
    await eventually(() => expect(end).toBeDefined());
    await turn();
    expect(settled).toBe(false);
    end();
    await outcome;
    expect(ids(b)).toHaveLength(1);
  });

  it('if repeated has an effect only in services that have not handled it', async () => {
    const [a, b] = [receiver('a', () => done), receiver('b', () => done)];
    const sent = message(type);
    await Promise.all([broker.publish(sent), broker.publish(sent)]);
    expect([ids(a), ids(b)]).toEqual([[sent.id], [sent.id]]);
  });
});

describe('a command', () => {
  it('reaches only the service that it is sent to', async () => {
    const [a, b] = [receiver('a', () => done), receiver('b', () => done)];
    await broker.publish(message(type, { kind: 'command', target: 'b' }));
    expect([ids(a), ids(b)]).toEqual([[], [expect.any(String)]]);
  });

  it('of an unknown type becomes a dead letter of its service', async () => {
    const a = receiver('a', () => done);
    await broker.publish(message('shop.unknown.v1', { kind: 'command', target: 'a' }));
    expect(a.deadLetters.letters).toMatchObject([{ handler: 'a/none' }]);
  });

  it('for a service that does not exist is refused', async () => {
    receiver('a', () => done);
    await expect(broker.publish(message(type, { target: 'moon' }))).rejects.toThrow('moon is not hosted');
  });
});

describe('a service', () => {
  it('that does not listen yet makes all events wait, because it may handle them', async () => {
    const a = receiver('a', () => done);
    const b = receiver('b');
    const publishing = broker.publish(message(type));
    await turn();
    expect(ids(a)).toEqual([]);
    b.listen(broker.receiverFor('b'), { [type]: () => done });
    await publishing;
    expect([ids(a), ids(b)]).toEqual([[expect.any(String)], [expect.any(String)]]);
  });

  it('that closes before it has listened rejects the waiting messages', async () => {
    receiver('a');
    const publishing = broker.publish(message(type, { target: 'a' }));
    broker.receiverFor('a').close();
    await expect(publishing).rejects.toThrow(DeliveryRejectedError);
  });

  it('whose start has failed rejects waiting messages, even events, because its subscriptions are unknown', async () => {
    receiver('a', () => done);
    const b = broker.receiverFor('b');
    broker.receiverFor('c');
    const publishing = broker.publish(message(type));
    await b.drain();
    await expect(publishing).rejects.toThrow(DeliveryRejectedError);
    await expect(broker.publish(message('shop.unheard.v1'))).rejects.toThrow(DeliveryRejectedError);
  });
});

describe('a service under load', () => {
  /** Ends running handler calls, one or all. */
  function slow(): { a: Receiver; most: () => number; endOne: () => void; endAll: () => void; active: () => number } {
    const open: (() => void)[] = [];
    let most = 0;
    const a = receiver('a', () => {
      const handling = new Promise((resolve) => open.push(() => resolve(done)));
      most = Math.max(most, open.length);
      return handling;
    });
    return {
      a,
      most: () => most,
      active: () => open.length,
      endOne: () => open.shift()?.(),
      endAll: () => open.splice(0).forEach((end) => end()),
    };
  }

  it('handles up to 256 messages at a time, and finally all of them', async () => {
    const { a, most, active, endAll } = slow();
    const publishing = Promise.all(Array.from({ length: 1_000 }, () => broker.publish(message(type))));
    while (ids(a).length < 1_000) {
      await eventually(() => expect(active()).toBeGreaterThan(0));
      await turn();
      endAll();
      await turn();
    }
    await publishing;
    expect(most()).toBe(256);
  });

  it('reports how many wait, and estimates the wait of another one by the rate at which they leave', async () => {
    const { a, active, endOne, endAll } = slow();
    const server = broker.receiverFor('a');
    const publishing = Promise.all(Array.from({ length: 356 }, () => broker.publish(message(type))));
    await eventually(() => expect(active()).toBe(256));
    expect([server.waiting, server.waitMs]).toEqual([100, 0]);
    const leaving = setInterval(endOne, 10);
    await eventually(() => expect(server.waitMs).toBeGreaterThan(0));
    // 10 ms per message, or longer on a busy machine.
    expect(server.waitMs).toBeGreaterThan(8 * server.waiting);
    clearInterval(leaving);
    await eventually(() => {
      endAll();
      expect([server.waiting, server.waitMs]).toEqual([0, 0]);
      expect(ids(a)).toHaveLength(356);
    });
    await publishing;
  });

  it('does not exceed that limit if a new message arrives just as another one ends', async () => {
    const { most, active, endOne, endAll } = slow();
    const server = broker.receiverFor('a');
    const all = Array.from({ length: 300 }, () => server.deliver(message(type)));
    await eventually(() => expect(active()).toBe(256));
    endOne();
    for (let step = 0; step < 50; step += 1) {
      all.push(server.deliver(message(type)));
      await Promise.resolve();
    }
    await turn();
    expect(most()).toBe(256);
    for (let left = 0; left < 2; left += 1) {
      endAll();
      await turn();
    }
    await Promise.all(all);
  });

  it('rejects waiting messages when it closes, and completes those that it has started', async () => {
    const { a, active, endAll } = slow();
    const publishing = Array.from({ length: 300 }, () =>
      broker.publish(message(type)).then(
        () => 'taken',
        (error: unknown) => error,
      ),
    );
    await eventually(() => expect(active()).toBe(256));
    broker.receiverFor('a').close();
    endAll();
    const outcomes = await Promise.all(publishing);
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(256);
    expect(outcomes.filter((outcome) => outcome instanceof DeliveryRejectedError)).toHaveLength(44);
    expect(ids(a)).toHaveLength(256);
  });
});

describe('a hook between sender and receiver', () => {
  it('may repeat and copy: each service still has one effect', async () => {
    broker = new InProcessBroker(async (sent, deliver) => {
      await Promise.all([deliver(structuredClone(sent)), deliver(structuredClone(sent))]);
    });
    const a = receiver('a', () => done);
    await broker.publish(message(type));
    expect(ids(a)).toHaveLength(1);
  });
});
