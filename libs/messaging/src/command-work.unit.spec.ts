import { type Message, newId } from '@seam/kernel';
import { z } from 'zod';
import { type AnswerTo, answering, withOwnReplies } from './command-work.js';
import { defineCommand, done, type Outcome, refused } from './contract/index.js';
import { HandleCommand } from './decorators.js';
import { cancelling, lowPriority, naturallyIdempotent, sending, type Work, work } from './work.js';

const Weigh = defineCommand({
  service: 'scale',
  name: 'weigh',
  data: z.object({ parcel: z.string() }),
  reply: z.object({ grams: z.int() }),
});
const Measure = defineCommand({
  service: 'scale',
  name: 'measure',
  data: z.object({ parcel: z.string() }),
  reply: z.object({ metres: z.number() }),
});

const command: Message<{ parcel: string }> = {
  id: newId(),
  type: Weigh.type,
  kind: 'command',
  source: 'post',
  target: 'scale',
  at: new Date().toISOString(),
  correlationId: 'c',
  data: { parcel: 'p' },
  replyTo: { service: 'post', context: { n: 1 } },
};
const logged = { type: 'scale.logged.v1', kind: 'event', correlationId: 'c', data: {} } as const;
const weighed = work({ name: 'weighing' }, 'p', (result) => ({ value: result as number, messages: [logged] }));
const weigh = (outcome: (grams: number) => Outcome<{ grams: number }>): AnswerTo<typeof Weigh> =>
  answering(Weigh, command, weighed, outcome);
const asked = [{ type: 'post.reply.v1', target: 'post', correlationId: 'c' }];

describe('the work of a command handler', () => {
  it('replies with what its value makes, after its other messages, and keeps its value', () => {
    const settled = weigh((grams) => done({ grams })).settle(7);
    expect(settled).toMatchObject({ value: 7, messages: [logged, ...asked] });
    expect(settled.messages[1]?.data).toEqual({ context: { n: 1 }, outcome: done({ grams: 7 }) });
    const heavy = weigh(() => refused('HEAVY', 'too heavy')).settle(7);
    expect(heavy.messages[1]?.data).toMatchObject({ outcome: { outcome: 'refused', code: 'HEAVY' } });
  });

  it('sends no reply whose data are none of the contract', () => {
    expect(() => weigh(() => done({ grams: 0.5 })).settle(7)).toThrow(/reply to scale\.weigh\.v1.*grams/s);
  });

  it('remains one when it gets low priority, needs no mark, or cancels messages', () => {
    const changed: AnswerTo<typeof Weigh> = cancelling(
      naturallyIdempotent(lowPriority(weigh((grams) => done({ grams })))),
      ['k'],
    );
    expect(changed).toMatchObject({ lowPriority: true, naturallyIdempotent: true });
    expect(changed.settle(7)).toMatchObject({ cancels: ['k'], messages: [logged, ...asked] });
  });

  it('does not compile if it replies with what is not of the contract, or not knowingly', () => {
    class Handlers {
      @HandleCommand(Weigh)
      weigh(): AnswerTo<typeof Weigh> {
        return weigh((grams) => done({ grams }));
      }

      @HandleCommand(Weigh)
      later(): Promise<AnswerTo<typeof Weigh>> {
        return Promise.resolve(withOwnReplies(sending([])));
      }

      // @ts-expect-error: the reply of another contract
      @HandleCommand(Weigh)
      measure(): AnswerTo<typeof Measure> {
        return answering(Measure, command, weighed, (metres) => done({ metres }));
      }

      // @ts-expect-error: the same, by a promise
      @HandleCommand(Weigh)
      measureLater(): Promise<AnswerTo<typeof Measure>> {
        return Promise.resolve(this.measure());
      }

      // @ts-expect-error: no reply, and not said
      @HandleCommand(Weigh)
      forget(): Work {
        return sending([]);
      }

      // @ts-expect-error: another command's message
      @HandleCommand(Weigh)
      misread(_: Message<{ letter: string }>): AnswerTo<typeof Weigh> {
        return this.weigh();
      }
    }
    // @ts-expect-error: the reply has a number
    expect(() => answering(Weigh, command, weighed, () => done({ grams: '7' })).settle(7)).toThrow('does not match');
    expect(new Handlers().measure().settle(7).messages).toHaveLength(2);
  });
});
