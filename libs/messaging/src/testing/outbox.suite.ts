import { Logger } from '@nestjs/common';
import { newId } from '@seam/kernel';
import { eventually } from '@seam/testing';
import type { OutboxEntry } from '../outbox.js';
import { Relay } from '../relay.js';
import { deadRelay, FakePublisher, note, outgoing, textsOf } from './notes.js';
import { message } from './receiving-rig.js';
import { describeCancelling } from './cancelled-messages.js';
import { describeOrdered } from './ordered-outbox.js';
import type { StoreRig } from './store-rig.js';

/**
 * The guarantees of every adapter of {@link Outbox}. `open` is called once, and returns a store that only this suite
 * uses.
 */
export function describeOutbox(name: string, open: () => Promise<StoreRig>): void {
  describe(`${name}: an outbox`, () => {
    let rig: StoreRig;
    beforeAll(async () => {
      Logger.overrideLogger(false);
      rig = await open();
    });
    beforeEach(() => rig.clear());
    afterAll(() => rig.close());

    /**
     * Leaves the entries of processes that died right after their commits: one commit per text, older than the next
     * claim.
     */
    async function leftBehind(...texts: string[]): Promise<void> {
      await Promise.all(texts.map((text) => rig.committer({ relay: deadRelay }).commit(note(text))));
      const died = Date.now();
      await eventually(() => expect(Date.now()).toBeGreaterThan(died + 1));
    }
    const textsIn = (entries: readonly OutboxEntry[]): string[] =>
      entries.flatMap(({ messages }) => textsOf(messages)).sort();
    const inMs = (ms: number): Date => new Date(Date.now() + ms);

    it('leaves a commit’s messages to its own process until the lease has ended', async () => {
      const handed: OutboxEntry[] = [];
      const relay = { ...deadRelay, handOver: (entries: readonly OutboxEntry[]) => void handed.push(...entries) };
      await rig.committer({ relay }).commit(note('a', [outgoing('1'), outgoing('2')]));
      expect(textsIn(handed)).toEqual(['1', '2']);
      expect(await rig.outbox.claim(10)).toEqual([]);
      await rig.endLeases();
      const claimed = await rig.outbox.claim(10);
      expect(claimed.flatMap(({ messages }) => messages)).toEqual(handed.flatMap(({ messages }) => messages));
      expect(await rig.outbox.claim(10)).toEqual([]);
    });

    it('can be claimed again, with the same ids, when the lease of a claim has ended', async () => {
      await leftBehind('a');
      await rig.endLeases();
      const first = await rig.outbox.claim(10);
      await rig.endLeases();
      expect(await rig.outbox.claim(10)).toEqual(first);
    });

    it('deletes what was dispatched, claimed or not, and nothing else', async () => {
      const handed: OutboxEntry[] = [];
      const relay = { ...deadRelay, handOver: (entries: readonly OutboxEntry[]) => void handed.push(...entries) };
      await rig.committer({ relay }).commit(note('a'));
      await leftBehind('b', 'c');
      await rig.outbox.markDispatched(handed.map(({ id }) => id));
      expect(await rig.outboxTexts()).toEqual(['b', 'c']);
      await rig.endLeases();
      const [one] = await rig.outbox.claim(1);
      await rig.outbox.markDispatched([one!.id]);
      await rig.outbox.markDispatched([one!.id]);
      expect(await rig.outboxTexts()).toHaveLength(1);
      await rig.outbox.markDispatched([]);
      expect(await rig.outboxTexts()).toHaveLength(1);
    });

    it('stores messages unchanged, whatever they contain', async () => {
      const text = 'ünï ☃ 🫖 "\\\' \n';
      const data = { text, $set: { 'a.b': 1 }, deep: [null, true, 1.5, 9_007_199_254_740_991, {}] };
      const replyTo = { service: 'test', context: { text } };
      await rig.committer({ relay: deadRelay }).commit(note('a', [outgoing('', { data, replyTo, kind: 'command' })]));
      await rig.endLeases();
      const [entry] = await rig.outbox.claim(1);
      expect(entry?.messages).toMatchObject([{ data, replyTo, kind: 'command' }]);
      expect(entry?.messages[0]?.data).toEqual(data);
    });

    it('distributes messages over concurrent claims, each message once', async () => {
      const all = Array.from({ length: 100 }, (_, index) => `n${index}`);
      await leftBehind(...all);
      await rig.endLeases();
      const claims = await Promise.all(Array.from({ length: 6 }, () => rig.outbox.claim(30)));
      expect(claims.every((claim) => claim.length <= 30)).toBe(true);
      const claimed = claims.flat();
      expect(new Set(claimed.map(({ id }) => id)).size).toBe(claimed.length);
      expect(textsIn([...claimed, ...(await rig.outbox.claim(1_000))])).toEqual(all.sort());
    });

    it('of a dead process is sent completely by several relays, each message by one of them', async () => {
      const all = Array.from({ length: 100 }, (_, index) => `n${index}`);
      await leftBehind(...all);
      await rig.endLeases();
      const publishers = [1, 2, 3].map(() => new FakePublisher());
      const relays = publishers.map(
        (publisher) =>
          new Relay({ service: 'test', outbox: rig.outbox, publisher, deadLetters: rig.deadLetters, sweepEveryMs: 10 }),
      );
      await Promise.all(relays.map((relay) => relay.start(false)));
      await eventually(async () => expect(await rig.outboxTexts()).toEqual([]));
      await Promise.all(relays.map((relay) => relay.stop()));
      expect(publishers.flatMap(({ published }) => textsOf(published)).sort()).toEqual(all.sort());
    });

    it('keeps the time at which a message expires: its own, or counted from its commit, or from when it is sent', async () => {
      const [at, late] = [inMs(50).toISOString(), inMs(60_000)];
      const messages = [
        outgoing('own', { expiresAt: at, expiresInMs: 1 }),
        outgoing('from its commit', { expiresInMs: 1_000 }),
        outgoing('from its sending', { notBefore: late, expiresInMs: 1_000 }),
      ];
      const handed: OutboxEntry[] = [];
      const relay = { ...deadRelay, handOver: (entries: readonly OutboxEntry[]) => void handed.push(...entries) };
      await rig.committer({ relay }).commit(note('a', messages));
      await rig.endLeases();
      const claimed = (await rig.outbox.claim(10)).flatMap(({ messages: stored }) => stored);
      expect(claimed.map(({ expiresAt }) => expiresAt)).toEqual([
        at,
        new Date(Date.parse(claimed[0]!.at) + 1_000).toISOString(),
      ]);
      const delayed = handed.find(({ notBefore }) => notBefore !== undefined)?.messages[0];
      expect(delayed?.expiresAt).toBe(new Date(late.getTime() + 1_000).toISOString());
    });

    describe('a delayed message', () => {
      const later = (text: string, ms: number) => outgoing(text, { notBefore: inMs(ms) });

      it('cannot be claimed before its time, even if its commit’s lease has ended', async () => {
        await rig.committer({ relay: deadRelay }).commit(note('a', [later('later', 60_000), outgoing('now')]));
        expect(await rig.outbox.claim(10)).toEqual([]);
        await rig.endLeases();
        expect(textsIn(await rig.outbox.claim(10))).toEqual(['now']);
        expect(await rig.outboxTexts()).toEqual(['later', 'now']);
      });

      it('is sent separately at its time: without its commit’s other messages, and without other delayed ones', async () => {
        const messages = [later('soon', 200), later('later', 60_000), outgoing('now')];
        await rig.committer({ relay: deadRelay }).commit(note('a', messages));
        const [entry] = await eventually(async () => {
          const claimed = await rig.outbox.claim(10);
          expect(claimed).toHaveLength(1);
          return claimed;
        });
        expect(textsIn([entry!])).toEqual(['soon']);
        await rig.outbox.markDispatched([entry!.id]);
        expect(await rig.outboxTexts()).toEqual(['later', 'now']);
      });

      it('is handed to the relay under its own id, with its time', async () => {
        const handed: OutboxEntry[] = [];
        const relay = { ...deadRelay, handOver: (entries: readonly OutboxEntry[]) => void handed.push(...entries) };
        const notBefore = inMs(60_000);
        await rig.committer({ relay }).commit(note('a', [outgoing('later', { notBefore })]));
        expect(handed).toMatchObject([{ notBefore, messages: [{ id: handed[0]?.id }] }]);
      });
    });

    it('is returned by a relay that could not send it, and claimed again only after the given time', async () => {
      const handed: OutboxEntry[] = [];
      const relay = { ...deadRelay, handOver: (entries: readonly OutboxEntry[]) => void handed.push(...entries) };
      await rig.committer({ relay }).commit(note('a', [outgoing('1'), outgoing('2')]));
      await rig.committer({ relay }).commit(note('b'));
      const [{ id }] = handed as [OutboxEntry];
      await rig.outbox.giveBack([id, newId()], 60_000);
      expect(await rig.outbox.claim(10)).toEqual([]);
      await rig.outbox.giveBack([id], 0);
      expect(textsIn(await eventuallyClaimed())).toEqual(['1', '2']);
      expect(await rig.outbox.claim(10)).toEqual([]);
      await rig.outbox.giveBack([id], 0);
      expect(textsIn(await eventuallyClaimed())).toEqual(['1', '2']);
      expect((await rig.outbox.lag()).waiting).toBe(3);
    });
    const eventuallyClaimed = (): Promise<OutboxEntry[]> =>
      eventually(async () => {
        const claimed = await rig.outbox.claim(10);
        expect(claimed).not.toEqual([]);
        return claimed;
      });

    describe('a row that cannot be read', () => {
      it.each(['[null]', '{}', '7', '"x"', '[1, "x", {"id": 1}]'])('%s is reported as unreadable', async (stored) => {
        const id = newId();
        await rig.putInOutbox(id, stored);
        await leftBehind('a');
        await rig.endLeases();
        expect((await rig.outbox.lag()).waiting).toBeGreaterThan(0);
        const claimed = await rig.outbox.claim(10);
        expect(textsIn(claimed)).toEqual(['a']);
        expect(claimed.find((each) => each.id === id)?.unreadable?.content).toBe(JSON.stringify(JSON.parse(stored)));
        await rig.outbox.markDispatched(claimed.map((each) => each.id));
        expect(await rig.outbox.lag()).toEqual({ waiting: 0, oldestSeconds: 0 });
      });

      it('becomes a dead letter with its reason; the messages beside and after it are sent', async () => {
        const sound = message('test.noted.v1', { data: { text: 'sound' } });
        const ids = [newId(), newId(), newId()];
        for (const [index, stored] of ['[null]', '{}', JSON.stringify([{ id: 1 }, sound])].entries())
          await rig.putInOutbox(ids[index]!, stored);
        await leftBehind('a');
        await rig.endLeases();
        const publisher = new FakePublisher();
        const { outbox, deadLetters } = rig;
        const relay = new Relay({ service: 'test', outbox, publisher, deadLetters, sweepEveryMs: 10 });
        await relay.start(true);
        await eventually(async () => {
          expect(textsOf(publisher.published).sort()).toEqual(['a', 'sound']);
          expect(await rig.outbox.lag()).toEqual({ waiting: 0, oldestSeconds: 0 });
        });
        await relay.stop();
        const letters = await rig.deadLetters.list(10);
        expect(letters.map(({ messageId }) => messageId).sort()).toEqual([...ids].sort());
        for (const { type, handler, reason } of letters) {
          expect([type, handler]).toEqual(['unreadable', 'test/outbox']);
          expect(reason).toMatch(/a row of the outbox cannot be read: (not a list of messages|1 of its [12] messages)/);
        }
      });
    });

    describe('taken over by the only process', () => {
      it('returns at once what others have left, and nothing before its time', async () => {
        await rig.committer({ relay: deadRelay }).commit(note('x', [outgoing('later', { notBefore: inMs(60_000) })]));
        await leftBehind('a', 'b');
        await rig.outbox.adopt();
        expect(textsIn(await rig.outbox.claim(10))).toEqual(['a', 'b']);
      });
    });

    describeOrdered(() => rig);
    describeCancelling(() => rig);

    it('reports how many messages wait, and for how long the oldest one has', async () => {
      expect(await rig.outbox.lag()).toEqual({ waiting: 0, oldestSeconds: 0 });
      await rig
        .committer({ relay: deadRelay })
        .commit(note('x', [outgoing('1'), outgoing('2'), outgoing('later', { notBefore: inMs(60_000) })]));
      await leftBehind('a');
      const { waiting, oldestSeconds } = await rig.outbox.lag();
      expect(waiting).toBe(3);
      expect(oldestSeconds).toBeGreaterThan(0);
      expect(oldestSeconds).toBeLessThan(20);
    });
  });
}
