import { Logger } from '@nestjs/common';
import { defineEvent } from './contract/index.js';
import { currentTrace, type Message } from '@seam/kernel';
import { eventually } from '@seam/testing';
import { z } from 'zod';
import type { Deferral } from './consumer.js';
import { ATTEMPTS_KEPT } from './failure.js';
import type { Handler } from './message-handlers.js';
import { DeliveryRejectedError } from './publisher.js';
import { attemptsWithin, PermanentError } from './retry-policy.js';
import { fastRetries, message, Receiver, unavailable } from './testing/receiving-rig.js';
import { type Work, work } from './work.js';

const contract = defineEvent({ service: 'other', name: 'noted', data: z.object({ text: z.string() }) });
const done = work({ name: 'test' }, undefined, () => ({ value: undefined, messages: [] }));
const noted = (data: unknown = { text: 'a' }, more: Partial<Message> = {}): Message =>
  message(contract.type, { data, ...more });

let receiver: Receiver;
let handled: Message[];
const handler = (handle: (message: Message) => unknown = () => done): Handler => ({
  handler: 'test/noted',
  contract,
  invoke: (taken) => {
    handled.push(taken);
    return handle(taken) as Work;
  },
});
const failing = (error: Error, times = Infinity): Handler =>
  handler(() => {
    if (handled.length <= times) throw error;
    return done;
  });

beforeAll(() => Logger.overrideLogger(false));
beforeEach(() => {
  receiver = new Receiver('test');
  handled = [];
});

describe('a message', () => {
  it('is handled according to its contract, and committed with its mark', async () => {
    const sent = noted({ text: 'a', new: 'ignored' }, { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` });
    await receiver.consumer.consume(sent, handler());
    expect(handled).toEqual([{ ...sent, data: { text: 'a' } }]);
    expect(receiver.committer.handled).toEqual([
      {
        work: { ...done, lowPriority: true },
        cause: {
          messageId: sent.id,
          handler: 'test/noted',
          correlationId: sent.correlationId,
          traceparent: sent.traceparent,
        },
      },
    ]);
    expect(receiver.deadLetters.letters).toEqual([]);
  });

  it('is committed without waiting for others if it is a command', async () => {
    await receiver.consumer.consume({ ...noted({ text: 'a' }), kind: 'command' }, handler());
    expect(receiver.committer.handled.map(({ work }) => work)).toEqual([done]);
  });

  it('is handled within its trace', async () => {
    let traceId: string | undefined;
    const traced = handler(() => {
      traceId = currentTrace()?.traceId;
      return done;
    });
    await receiver.consumer.consume(
      noted({ text: 'a' }, { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }),
      traced,
    );
    expect(traceId).toBe('a'.repeat(32));
  });

  it('that does not match its contract becomes a dead letter at once, unchanged, with the reason', async () => {
    const sent = noted({ text: 7 });
    await receiver.consumer.consume(sent, handler());
    expect(handled).toEqual([]);
    expect(receiver.deadLetters.letters).toMatchObject([
      { message: sent, handler: 'test/noted', reason: expect.stringContaining('text'), attempts: 1 },
    ]);
  });

  it('without a handler becomes a dead letter', async () => {
    await receiver.consumer.consume(noted(), undefined);
    expect(receiver.deadLetters.letters).toMatchObject([
      { handler: 'test/none', reason: expect.stringContaining('no handler') },
    ]);
  });
});

describe('a handler that fails', () => {
  it('is retried, and its message is finally handled', async () => {
    await receiver.consumer.consume(noted(), failing(new Error('not yet'), 2));
    expect(handled).toHaveLength(3);
    expect(receiver.committer.handled).toHaveLength(1);
    expect(receiver.deadLetters.letters).toEqual([]);
  });

  it('every time has its message dead-lettered with the number of attempts and the last reason, including its cause', async () => {
    await receiver.consumer.consume(noted(), failing(new Error('poison', { cause: new Error('arsenic') })));
    expect(handled).toHaveLength(3);
    expect(receiver.deadLetters.letters).toMatchObject([{ reason: 'poison: arsenic', attempts: 3 }]);
  });

  it('permanently is not retried', async () => {
    await receiver.consumer.consume(noted(), failing(new PermanentError('not valid')));
    expect(receiver.deadLetters.letters).toMatchObject([{ reason: 'not valid', attempts: 1 }]);
  });

  it('because its work cannot be committed is retried, too', async () => {
    receiver.committer.answer = () => Promise.reject(new Error('conflict'));
    await receiver.consumer.consume(noted(), handler());
    expect(handled).toHaveLength(3);
    expect(receiver.deadLetters.letters).toMatchObject([{ reason: 'conflict', attempts: 3 }]);
  });
});

describe('a message that another process may know', () => {
  const unknown = Object.assign(new PermanentError('of a later version'), { knownElsewhere: true });
  const replicas = (): Receiver => new Receiver('test', { ...fastRetries, elsewhereMs: 10 });
  const attempts = attemptsWithin(fastRetries, 10);
  /**
   * Delivers a message repeatedly, as a broker does, with its number of failures, until the consumer does not defer it
   * any more.
   */
  async function brought(to: Handler | undefined): Promise<number> {
    let rounds = 0;
    let carried: Pick<Deferral, 'failures' | 'history'> = { failures: 0, history: [] };
    for (let again = true; again; rounds += 1) {
      again = false;
      const defer = (deferral: Deferral): Promise<void> => {
        again = true;
        carried = deferral;
        return Promise.resolve();
      };
      await receiver.consumer.consume(noted(), to, { ...carried, defer });
    }
    return rounds;
  }

  it('is left to other processes at once and for a limited time, and then becomes a dead letter', async () => {
    receiver = replicas();
    expect(attempts).toBeGreaterThan(fastRetries.attempts);
    expect(await brought(failing(unknown))).toBe(attempts);
    expect(receiver.deadLetters.letters).toMatchObject([{ reason: 'of a later version', attempts }]);
  });

  it('keeps its attempts across processes: the first and the latest ones, each with its time and its error', async () => {
    receiver = new Receiver('test', { ...fastRetries, elsewhereMs: 40 });
    const all = attemptsWithin(fastRetries, 40);
    expect(all).toBeGreaterThan(ATTEMPTS_KEPT);
    await brought(failing(unknown));
    const { history } = receiver.deadLetters.letters[0]!;
    expect(history).toHaveLength(ATTEMPTS_KEPT);
    expect(history!.map(({ attempt }) => attempt).slice(0, 2)).toEqual([1, all - ATTEMPTS_KEPT + 2]);
    expect(history!.at(-1)).toEqual({ attempt: all, at: expect.stringMatching(/^20.*Z$/), error: unknown.message });
  });

  it('is also one whose type is unknown', async () => {
    receiver = replicas();
    expect(await brought(undefined)).toBe(attempts);
    expect(receiver.deadLetters.letters).toMatchObject([{ handler: 'test/none', attempts }]);
  });

  it('is not delayed if there is no other process', async () => {
    receiver = replicas();
    await receiver.consumer.consume(noted(), failing(unknown));
    expect(receiver.deadLetters.letters).toMatchObject([{ attempts: 1 }]);
  });
});

describe('a store that does not answer', () => {
  it('does not count as a failed attempt: the message waits until the store is back, however long', async () => {
    let outage = 12;
    receiver.committer.answer = () => (outage-- > 0 ? unavailable() : Promise.resolve());
    await receiver.consumer.consume(noted(), handler());
    expect(handled).toHaveLength(13);
    expect(receiver.deadLetters.letters).toEqual([]);
    expect(receiver.committer.handled).toHaveLength(1);
  });

  it('makes a dead letter wait until it can be stored', async () => {
    let outage = 3;
    receiver.deadLetters.answer = () => (outage-- > 0 ? unavailable() : Promise.resolve());
    await receiver.consumer.consume(noted({ text: 7 }), handler());
    expect(receiver.deadLetters.letters).toHaveLength(1);
  });
});

describe('a message that is being handled', () => {
  const command = (): Message => ({ ...noted(), kind: 'command' });

  it('is counted until its end, whatever the result, if a caller waits for it', async () => {
    let end!: () => void;
    const slow = handler(() => new Promise((resolve) => (end = () => resolve(done))));
    const { consumer } = receiver;
    const event = consumer.consume(noted(), slow);
    await eventually(() => expect(end).toBeDefined());
    expect(consumer.awaited).toBe(0);
    end();
    await event;
    const consuming = consumer.consume(command(), slow);
    await eventually(() => expect(handled).toHaveLength(2));
    expect([consumer.awaited, consumer.isHeldUp]).toEqual([1, false]);
    end();
    await consuming;
    const ending = consumer.consume(command(), failing(new Error('not yet')));
    consumer.stop();
    await expect(ending).rejects.toThrow(DeliveryRejectedError);
    expect([consumer.awaited, consumer.isHeldUp]).toEqual([0, false]);
  });

  it('is held up, and not counted, while it waits for an unavailable store', async () => {
    receiver = new Receiver('test', { attempts: 3, firstDelayMs: 5_000, longestDelayMs: 5_000 });
    receiver.committer.answer = unavailable;
    const consuming = receiver.consumer.consume(command(), handler());
    await eventually(() => expect(receiver.consumer.isHeldUp).toBe(true));
    expect(receiver.consumer.awaited).toBe(0);
    receiver.consumer.stop();
    await expect(consuming).rejects.toThrow(DeliveryRejectedError);
    expect(receiver.consumer.isHeldUp).toBe(false);
  });
});

describe('stopping', () => {
  it('rejects a message that waits between attempts', async () => {
    const consuming = receiver.consumer.consume(noted(), failing(new Error('not yet')));
    await eventually(() => expect(handled.length).toBeGreaterThan(0));
    receiver.consumer.stop();
    await expect(consuming).rejects.toThrow(DeliveryRejectedError);
    expect(receiver.deadLetters.letters).toEqual([]);
  });

  it('rejects a message whose dead letter cannot be stored', async () => {
    receiver.deadLetters.answer = unavailable;
    const consuming = receiver.consumer.consume(noted({ text: 7 }), handler());
    receiver.consumer.stop();
    await expect(consuming).rejects.toThrow(DeliveryRejectedError);
  });

  it('lets an attempt in progress end', async () => {
    let end!: () => void;
    const slow = handler(() => new Promise((resolve) => (end = () => resolve(done))));
    const consuming = receiver.consumer.consume(noted(), slow);
    await eventually(() => expect(end).toBeDefined());
    receiver.consumer.stop();
    end();
    await consuming;
    expect(receiver.committer.handled).toHaveLength(1);
  });
});
