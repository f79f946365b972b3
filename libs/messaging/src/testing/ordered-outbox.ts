import { eventually } from '@seam/testing';
import { setTimeout as pause } from 'node:timers/promises';
import type { OrderedOutbox, OutboxEntry } from '../outbox.js';
import { UndeliverableError } from '../publisher.js';
import { Relay } from '../relay.js';
import { sending } from '../work.js';
import { deadRelay, FakePublisher, note, outgoing, textsOf } from './notes.js';
import type { StoreRig } from './store-rig.js';

/** `a3` is the third message of the key `a`. */
const keyed = (text: string) => outgoing(text, { key: text.slice(0, 1) });

/** The first time each was delivered, by key. */
function firstOf(delivered: readonly string[]): Record<string, string[]> {
  const byKey: Record<string, string[]> = {};
  for (const text of new Set(delivered)) (byKey[text.slice(0, 1)] ??= []).push(text);
  return byKey;
}

/** The part of the outbox's suite about messages with a key. */
export function describeOrdered(rigOf: () => StoreRig): void {
  describe('messages with a key', () => {
    const ordered = (): OrderedOutbox => {
      const { outbox } = rigOf();
      if (outbox.ordered === undefined) throw new Error('this outbox sends nothing');
      return outbox.ordered;
    };
    const commit = (...texts: string[]) =>
      rigOf()
        .committer({ relay: deadRelay })
        .commit(sending(texts.map(keyed)));
    const textsIn = (entries: readonly OutboxEntry[]): string[] =>
      entries.flatMap(({ key, messages }) => textsOf(messages).map((text) => `${key}:${text}`));

    it('are claimed in the order of their commits, whichever process has made these, and once', async () => {
      await commit('a1', 'b1', 'a2');
      await commit('a3');
      await commit('b2');
      const claimed = textsIn(await ordered().claim(10));
      expect(claimed.filter((text) => text.startsWith('a'))).toEqual(['a:a1', 'a:a2', 'a:a3']);
      expect(claimed.filter((text) => text.startsWith('b'))).toEqual(['b:b1', 'b:b2']);
      expect(await ordered().claim(10)).toEqual([]);
    });

    it('are stored with their change, apart from the others, and count as waiting', async () => {
      await rigOf()
        .committer({ relay: deadRelay })
        .commit(note('x', [keyed('a1'), outgoing('other')]));
      expect(await rigOf().outboxTexts()).toEqual(['a1', 'other']);
      expect((await rigOf().outbox.lag()).waiting).toBe(2);
      await ordered().markDispatched((await ordered().claim(10)).map(({ id }) => id));
      expect(await rigOf().outboxTexts()).toEqual(['other']);
      expect((await rigOf().outbox.lag()).waiting).toBe(1);
    });

    it('are never claimed without those before them', async () => {
      await commit('a1', 'a2', 'b1', 'b2');
      const first = await ordered().claim(1);
      expect(textsIn(first)).toHaveLength(1);
      const others = textsIn(await ordered().claim(10));
      expect(others.map((text) => text.slice(0, 1))).not.toContain(first[0]?.key);
      await ordered().giveBack([first[0]!.id], 0);
      await eventually(async () => {
        const again = textsIn(await ordered().claim(10));
        expect(again).toHaveLength(2);
        expect(again[0]).toBe(textsIn(first)[0]);
      });
    });

    it('wait as long as the first of their key was given back for', async () => {
      await commit('a1', 'a2');
      await ordered().giveBack(
        (await ordered().claim(10)).map(({ id }) => id),
        60_000,
      );
      await commit('a3', 'b1');
      expect(textsIn(await ordered().claim(10))).toEqual(['b:b1']);
    });

    it('are sent one after the other by a relay, from the first that failed on; those of other keys meanwhile', async () => {
      const { publisher, relay, close } = relayOf(rigOf());
      let failures = 2;
      publisher.answer = async ({ key, data }) => {
        await pause(key === 'a' ? 5 : 0);
        if ((data as { text: string }).text === 'a2' && (failures -= 1) >= 0) throw new Error('refused');
      };
      const committer = rigOf().committer({ relay });
      await relay.start(false);
      await committer.commit(sending(['a1', 'a2', 'a3', 'b1', 'b2'].map(keyed)));
      await eventually(async () => expect(await rigOf().outboxTexts()).toEqual([]));
      const texts = textsOf(publisher.published);
      expect(texts.filter((text) => text.startsWith('a'))).toEqual(['a1', 'a2', 'a2', 'a2', 'a3']);
      expect(texts.indexOf('b2')).toBeLessThan(texts.indexOf('a3'));
      await close();
    });

    it('follow one that can never be sent, once that is a dead letter', async () => {
      const { publisher, relay, close } = relayOf(rigOf());
      publisher.answer = ({ data }) =>
        (data as { text: string }).text === 'a1'
          ? Promise.reject(new UndeliverableError('too long'))
          : Promise.resolve();
      await rigOf()
        .committer({ relay })
        .commit(sending(['a1', 'a2'].map(keyed)));
      await eventually(() => expect(textsOf(publisher.published)).toEqual(['a1', 'a2']));
      await eventually(async () => expect(await rigOf().deadLetters.list(10)).toMatchObject([{ reason: 'too long' }]));
      await close();
    });

    it('can be waited for', async () => {
      const { publisher, relay, close } = relayOf(rigOf());
      publisher.answer = () => pause(20);
      await rigOf()
        .committer({ relay })
        .commit(sending([keyed('a1')]), { dispatchedWithinMs: 10_000 });
      await eventually(async () => expect(await rigOf().outboxTexts()).toEqual([]));
      await close();
    });

    it.each([1, 2, 3])(
      'keep their order whatever fails, in three processes whose leases end at any time (%s)',
      async () => {
        const delivered: string[] = [];
        const relays = [1, 2, 3].map(() => {
          const made = relayOf(rigOf());
          made.publisher.answer = async ({ data }) => {
            await pause(Math.random() * 6);
            const random = Math.random();
            if (random < 0.15) throw new Error('refused');
            delivered.push((data as { text: string }).text);
            if (random < 0.3) throw new Error('the confirm was lost');
          };
          return made;
        });
        await Promise.all(relays.map(({ relay }) => relay.start(false)));
        const committers = [...relays, { relay: deadRelay }].map(({ relay }) => rigOf().committer({ relay }));
        const expected: Record<string, string[]> = {};
        for (let n = 10; n < 30; n += 1) {
          const texts = ['a', 'b', 'c'].filter(() => Math.random() < 0.7).map((key) => `${key}${n}`);
          for (const text of texts) (expected[text.slice(0, 1)] ??= []).push(text);
          await committers[n % committers.length]!.commit(sending(texts.map(keyed)));
          if (n % 5 === 0) await rigOf().endLeases();
        }
        await eventually(async () => {
          await rigOf().endLeases();
          expect(await rigOf().outboxTexts()).toEqual([]);
        });
        await Promise.all(relays.map(({ close }) => close()));
        expect(firstOf(delivered)).toEqual(expected);
      },
    );
  });
}

/** The relay of a process of its own. */
function relayOf({ outbox, deadLetters }: StoreRig) {
  const publisher = new FakePublisher();
  const relay = new Relay({ service: 'test', outbox, publisher, deadLetters, sweepEveryMs: 5 });
  return { publisher, relay, close: () => relay.stop() };
}
