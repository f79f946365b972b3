import type { Message } from '@seam/kernel';
import { eventually } from '@seam/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { defineEvent } from '../contract/index.js';
import { UndeliverableError } from '../publisher.js';
import { PermanentError, type RetryPolicy } from '../retry-policy.js';
import type { Transport } from '../transport.js';
import { work } from '../work.js';
import { message, Receiver, unavailable } from './receiving-rig.js';

/** The only type of event that the services `a` and `b` of the suite handle. */
export const NOTED = 'shop.noted.v1';

const done = work({ name: 'test' }, undefined, () => ({ value: undefined, messages: [] }));
const contract = defineEvent({ service: 'shop', name: 'noted', data: z.unknown() });

/** A service's receiving side on a transport; it calls `handle` for each {@link NOTED}, and then commits it. */
export function receiverOn(
  transport: Transport,
  service: string,
  handle: (m: Message) => unknown = () => undefined,
  retries?: RetryPolicy,
): Receiver {
  const receiver = new Receiver(service, retries);
  receiver.listen(transport.receiverFor(service), { [NOTED]: (m) => handle(m) ?? done }, { contract });
  return receiver;
}

export const idsOf = ({ committer }: Receiver): string[] =>
  committer.handled.map(({ cause }) => cause.messageId).sort();

/** The guarantees of every transport. `open` returns an open one without receivers, for the services `a` and `b`. */
export function describeTransport(name: string, open: () => Promise<Transport>): void {
  describe(`messages ${name}`, () => {
    let transport: Transport;
    beforeEach(async () => {
      transport = await open();
    });

    it('reach every service that handles the event, and the service of a command, unchanged', async () => {
      const [seen, [a, b]] = [new Array<Message>(), pair((m) => void seen.push(m))];
      const event = message(NOTED, { data: { text: 'ünï ☃ 🫖', deep: [{ n: 1.5, none: null }] } });
      const command = message(NOTED, { kind: 'command', target: 'b' });
      await Promise.all([transport.publish(event), transport.publish(command)]);
      await eventually(() => {
        expect(idsOf(a)).toEqual([event.id]);
        expect(idsOf(b)).toEqual([event.id, command.id].sort());
      });
      expect(seen.filter(({ id }) => id === event.id)).toEqual([event, event]);
    });

    it('have one effect, however often they are sent', async () => {
      const [a] = pair();
      const sent = message(NOTED, { target: 'a' });
      await Promise.all([transport.publish(sent), transport.publish(sent), transport.publish(sent)]);
      await transport.publish(message(NOTED, { target: 'a' }));
      await eventually(() => expect(idsOf(a)).toHaveLength(2));
    });

    it('that fail are retried', async () => {
      let tries = 0;
      const [a] = pair(() => {
        if ((tries += 1) < 3) throw new Error('not yet');
      });
      const sent = message(NOTED, { target: 'a' });
      await transport.publish(sent);
      await eventually(() => expect(idsOf(a)).toEqual([sent.id]));
      expect(a.deadLetters.letters).toEqual([]);
    });

    it.each([
      ['always', () => new Error('poison'), 3],
      ['for good', () => new PermanentError('poison'), 1],
    ])(
      'that fail %s become dead letters with reason and attempts, and block no other message',
      async (_, error, attempts) => {
        const bad = message(NOTED, { target: 'a' });
        const good = Array.from({ length: 40 }, () => message(NOTED, { target: 'a' }));
        const [a] = pair(({ id }) => {
          if (id === bad.id) throw error();
        });
        await Promise.all([bad, ...good].map((each) => transport.publish(each)));
        await eventually(() => expect(idsOf(a)).toEqual(good.map(({ id }) => id).sort()));
        await eventually(() =>
          expect(a.deadLetters.letters).toEqual([
            {
              ...{ message: bad, handler: `a/${NOTED}`, reason: 'poison', attempts },
              history: Array.from({ length: attempts }, (_, index) =>
                expect.objectContaining({ attempt: index + 1, error: 'poison' }),
              ),
            },
          ]),
        );
      },
    );

    it('of an unknown type or version become dead letters of their receiver', async () => {
      const [a] = pair();
      const unknown = message('shop.noted.v9', { kind: 'command', target: 'a' });
      await transport.publish(unknown);
      await eventually(() => expect(a.deadLetters.letters).toMatchObject([{ message: unknown, handler: 'a/none' }]));
    });

    it('wait while the store is unavailable, however long', async () => {
      const [a] = pair();
      let asked = 0;
      a.committer.answer = () => ((asked += 1) > 12 ? Promise.resolve() : unavailable());
      const sent = message(NOTED, { target: 'a' });
      await transport.publish(sent);
      await eventually(() => expect(idsOf(a)).toEqual([sent.id]));
    });

    it('that have expired are not handled; an answer that is expected says so', async () => {
      const handled: string[] = [];
      const [a] = pair(({ id }) => void handled.push(id));
      const expiresAt = new Date(Date.now() - 1).toISOString();
      const forgotten = message(NOTED, { target: 'a', expiresAt });
      const asked = message(NOTED, { target: 'a', expiresAt, replyTo: { service: 'b', context: { n: 1 } } });
      const valid = message(NOTED, { target: 'a', expiresAt: new Date(Date.now() + 60_000).toISOString() });
      for (const each of [forgotten, asked, valid]) await transport.publish(each);
      await eventually(() => expect(idsOf(a)).toEqual([asked.id, valid.id].sort()));
      expect(handled).toEqual([valid.id]);
      const answer = a.committer.handled.find(({ cause }) => cause.messageId === asked.id)?.work.settle(undefined);
      const outcome = { outcome: 'refused', code: 'MESSAGE.EXPIRED', reason: expect.stringContaining(expiresAt) };
      expect(answer?.messages).toMatchObject([{ kind: 'reply', target: 'b', data: { context: { n: 1 }, outcome } }]);
      expect(a.deadLetters.letters).toEqual([]);
    });

    describe('with a key', () => {
      const retries: RetryPolicy = { attempts: 3, firstDelayMs: 1_000, longestDelayMs: 1_000 };
      const keyed = (key: string, n: number, more: Partial<Message> = {}): Message =>
        message(NOTED, { target: 'a', key, data: n, ...more });
      /** Sends them as a relay does: each when the one before is with the transport. */
      const inOrder = async (messages: readonly Message[]): Promise<void> => {
        for (const each of messages) await transport.publish(each);
      };
      const orderOf = ({ committer }: Receiver, among: readonly Message[]): unknown[] =>
        committer.handled.flatMap(({ cause }) => among.find(({ id }) => id === cause.messageId)?.data ?? []);

      it('wait while an earlier one is tried again, and others do not', async () => {
        const [first, ...later] = [1, 2, 3].map((n) => keyed('k', n));
        const other = keyed('other', 4);
        let failures = 1;
        const a = receiverOn(
          transport,
          'a',
          ({ id }) => {
            if (id === first!.id && (failures -= 1) >= 0) throw new Error('not yet');
          },
          retries,
        );
        receiverOn(transport, 'b');
        await Promise.all([inOrder([first!, ...later]), inOrder([other])]);
        await eventually(() => expect(orderOf(a, [first!, ...later, other])).toEqual([4, 1, 2, 3]));
      });

      it('go on after one that becomes a dead letter', async () => {
        const sent = [1, 2, 3].map((n) => keyed('k', n));
        const [a] = pair(({ data }) => {
          if (data === 1) throw new PermanentError('poison');
        });
        await inOrder(sent);
        await eventually(() => expect(orderOf(a, sent)).toEqual([2, 3]));
        expect(a.deadLetters.letters).toMatchObject([{ message: sent[0], attempts: 1 }]);
      });

      it('reach every subscriber of an event in order, and are expected there only once', async () => {
        const sent = [1, 2, 3, 4].map((n): Message => {
          const { target: _, ...event } = keyed('k', n);
          return event;
        });
        const [a, b] = pair();
        await inOrder([sent[0]!, sent[1]!, sent[0]!, sent[2]!, sent[1]!, sent[3]!]);
        await eventually(() => {
          for (const receiver of [a, b]) expect(orderOf(receiver, sent)).toEqual([1, 2, 3, 4]);
        });
      });

      it('keep their order whatever fails, each once', async () => {
        const keys = ['p', 'q', 'r', 's', 't'];
        const sent = keys.map((key) => Array.from({ length: 30 }, (_, n) => keyed(key, n)));
        const a = receiverOn(
          transport,
          'a',
          async () => {
            await pause(Math.random() * 4);
            if (Math.random() < 0.15) throw new Error('not yet');
            return done;
          },
          { attempts: 50, firstDelayMs: 1, longestDelayMs: 5 },
        );
        a.committer.answer = () => (Math.random() < 0.1 ? unavailable() : Promise.resolve());
        receiverOn(transport, 'b');
        await Promise.all(
          sent.map(async (messages) => {
            for (const each of messages) {
              await transport.publish(each);
              if (Math.random() < 0.2) await transport.publish(each);
            }
          }),
        );
        await eventually(() => expect(a.committer.handled).toHaveLength(150), { withinMs: 20_000 });
        for (const messages of sent) expect(orderOf(a, messages)).toEqual(messages.map(({ data }) => data));
      });
    });

    it('for a service that does not exist can never be delivered', async () => {
      pair();
      const reply = message(NOTED, { kind: 'reply', target: 'nobody' });
      const refused = await transport.publish(reply).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(UndeliverableError);
      expect((refused as Error).message).toContain('nobody');
    });

    /** Receivers of both services, with this handler. */
    const pair = (handle: (m: Message) => void = () => undefined): readonly [Receiver, Receiver] => [
      receiverOn(transport, 'a', handle),
      receiverOn(transport, 'b', handle),
    ];
  });
}
