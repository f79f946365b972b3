import { Logger } from '@nestjs/common';
import type { Message } from '@seam/kernel';
import { z } from 'zod';
import type { ConsumeResult } from './consume-result.js';
import { Consumer } from './consumer.js';
import { defineCommand } from './contract/index.js';
import type { Handler } from './message-handlers.js';
import { forMessages, type Handling, type MessageMiddleware, refusal } from './middleware.js';
import { PermanentError } from './retry-policy.js';
import { fastRetries, message, Receiver } from './testing/receiving-rig.js';
import { naturallyIdempotent, sending, type Work, work } from './work.js';

const contract = defineCommand({
  service: 'support',
  name: 'note',
  data: z.object({ text: z.string() }),
  reply: z.object({}),
});
const done = work({ name: 'test' }, undefined, () => ({ value: undefined, messages: [] }));
const sent = (more: Partial<Message> = {}): Message =>
  message(contract.type, { kind: 'command', data: { text: 'a' }, ...more });

beforeAll(() => Logger.overrideLogger(false));

/** A consumer with this middleware, and what it calls, in order. */
function supportService(...middleware: MessageMiddleware[]) {
  const { committer, deadLetters } = new Receiver('support');
  const calls: string[] = [];
  let handle: () => Work = () => done;
  const handler: Handler = {
    handler: 'support/note',
    contract,
    invoke: () => {
      calls.push('handler');
      return handle();
    },
  };
  const consumer = new Consumer({ service: 'support', committer, deadLetters, retries: fastRetries, middleware });
  return {
    ...{ committer, deadLetters, calls },
    handles: (by: () => Work) => (handle = by),
    consume: (taken: Message) => consumer.consume(taken, handler),
  };
}

describe('middleware', () => {
  it('runs around the handler at each attempt, the first one outermost, and sees its error', async () => {
    const seen: Handling[] = [];
    const around = (name: string): MessageMiddleware => ({
      handle: async (_, next, handling) => {
        if (name === 'a') seen.push(handling);
        calls.push(`${name}>`);
        try {
          return await next();
        } catch (error) {
          calls.push(`${name}!`);
          throw error;
        } finally {
          calls.push(`<${name}`);
        }
      },
    });
    const { calls, consume, handles, committer } = supportService(around('a'), {}, around('b'));
    let failures = 1;
    handles(() => {
      if ((failures -= 1) >= 0) throw new Error('not yet');
      return done;
    });
    await consume(sent());
    expect(calls).toEqual(['a>', 'b>', 'handler', 'b!', '<b', 'a!', '<a', 'a>', 'b>', 'handler', '<b', '<a']);
    expect(seen).toEqual([1, 2].map((attempt) => ({ service: 'support', handler: 'support/note', attempt })));
    expect(committer.handled.map(({ work: committed }) => committed)).toEqual([done]);
  });

  it('refuses a message with an answer, without its handler', async () => {
    const { calls, consume, committer } = supportService({
      handle: (taken) => refusal(taken, 'SUPPORT.CLOSED', 'closed on Sundays'),
    });
    await consume(sent({ replyTo: { service: 'hall', context: 7 } }));
    expect(calls).toEqual([]);
    const outcome = { outcome: 'refused', code: 'SUPPORT.CLOSED', reason: 'closed on Sundays' };
    expect(committer.handled[0]?.work.settle(undefined).messages).toMatchObject([
      { type: 'hall.reply.v1', target: 'hall', data: { context: 7, outcome } },
    ]);
  });

  it('gives a message up by a permanent error', async () => {
    const { calls, consume, deadLetters } = supportService({
      handle: () => {
        throw new PermanentError('unsigned');
      },
    });
    await consume(sent());
    expect([calls, deadLetters.letters.map(({ reason, attempts }) => [reason, attempts])]).toEqual([
      [],
      [['unsigned', 1]],
    ]);
  });

  it('of a contract gets only its messages, with their data', async () => {
    const other = defineCommand({ service: 'support', name: 'other', data: z.object({}), reply: z.object({}) });
    const texts: string[] = [];
    const { calls, consume } = supportService(
      forMessages(contract, ({ data: { text } }, next) => {
        texts.push(text);
        return next();
      }),
      forMessages(other, () => Promise.reject(new Error('not mine'))),
    );
    await consume(sent({ data: { text: 'a', more: 1 } }));
    expect([texts, calls]).toEqual([['a'], ['handler']]);
  });

  it('is notified of each outcome; an error of one affects neither the message nor the others', async () => {
    const outcomes: [ConsumeResult, boolean][] = [];
    const { consume, handles } = supportService(
      {
        ended: () => {
          throw new Error('broken');
        },
      },
      { ended: (_, outcome, seconds) => void outcomes.push([outcome, seconds >= 0]) },
    );
    const one = sent();
    await consume(one);
    await consume(one);
    await consume(sent({ expiresAt: new Date(0).toISOString() }));
    handles(() => {
      throw new PermanentError('poison');
    });
    await consume(sent());
    expect(outcomes).toEqual(['done', 'duplicate', 'expired', 'dead-lettered'].map((outcome) => [outcome, true]));
  });
});

describe('a message that may expire', () => {
  const replyTo = { service: 'hall', context: {} };
  const answers = ({ committer }: ReturnType<typeof supportService>): unknown[] =>
    committer.handled.flatMap(({ work: committed }) => committed.settle(undefined).messages);

  it('is not refused after its effect, even if its change is naturally idempotent', async () => {
    const all = supportService();
    all.handles(() => naturallyIdempotent(sending([])));
    const one = sent({ replyTo, expiresAt: new Date(Date.now() + 60_000).toISOString() });
    await all.consume(one);
    expect(all.committer.handled[0]?.work.naturallyIdempotent).toBe(false);
    await all.consume({ ...one, expiresAt: new Date(0).toISOString() });
    expect([answers(all), all.calls]).toEqual([[], ['handler']]);
  });

  it('is refused if it expires between two attempts', async () => {
    const all = supportService();
    const one = sent({ replyTo, expiresAt: new Date(Date.now() + 20).toISOString() });
    all.handles(() => {
      while (Date.now() < Date.parse(one.expiresAt ?? ''));
      throw new Error('too slow');
    });
    await all.consume(one);
    expect(all.calls).toEqual(['handler']);
    expect(answers(all)).toMatchObject([{ data: { outcome: { code: 'MESSAGE.EXPIRED' } } }]);
  });
});
