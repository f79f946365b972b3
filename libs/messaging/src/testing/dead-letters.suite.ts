import { Logger } from '@nestjs/common';
import { newId } from '@seam/kernel';
import { eventually } from '@seam/testing';
import type { DeadLetter } from '../dead-letters.js';
import { Relay } from '../relay.js';
import { FakePublisher, textsOf } from './notes.js';
import { message } from './receiving-rig.js';
import type { StoreRig } from './store-rig.js';

/**
 * The guarantees of every adapter of {@link DeadLetters}. `open` is called once, and returns a store that only this
 * suite uses.
 */
export function describeDeadLetters(name: string, open: () => Promise<StoreRig>): void {
  describe(`${name}: a dead letter`, () => {
    let rig: StoreRig;
    let publisher: FakePublisher;
    let relay: Relay;
    beforeAll(async () => {
      Logger.overrideLogger(false);
      rig = await open();
    });
    beforeEach(async () => {
      await rig.clear();
      publisher = rig.publisher ?? new FakePublisher();
      relay = new Relay({
        service: 'test',
        outbox: rig.outbox,
        publisher,
        deadLetters: rig.deadLetters,
        sweepEveryMs: 10,
      });
    });
    afterEach(() => relay.stop());
    afterAll(() => rig.close());
    const all = async (): Promise<object[]> =>
      (await rig.deadLetters.list(10)).map(({ diedAt: _, ...letter }) => letter);

    it('is stored with its reason; if it fails again, the latest reason is kept, and attempts are added up', async () => {
      const dead = message('test.noted.v1', { data: { text: 'ünï ☃ 🫖' } });
      const before = Date.now();
      await rig.deadLetters.store(dead, 'test/a', 'first', 3);
      await rig.deadLetters.store(dead, 'test/a', 'second', 2);
      expect(await all()).toEqual([
        {
          messageId: dead.id,
          handler: 'test/a',
          type: dead.type,
          source: 'elsewhere',
          correlationId: dead.correlationId,
          reason: 'second',
          attempts: 5,
        },
      ]);
      const [letter] = await rig.deadLetters.list(1);
      expect(letter!.diedAt).toBeInstanceOf(Date);
      expect(Math.abs(letter!.diedAt.getTime() - before)).toBeLessThan(60_000);
    });

    it('stored by two processes at once is one letter', async () => {
      const dead = message('test.noted.v1');
      await Promise.all([1, 2, 3, 4].map((n) => rig.deadLetters.store(dead, 'test/a', `reason ${n}`, 1)));
      expect(await all()).toMatchObject([{ attempts: 4 }]);
      expect(await rig.deadLetters.count()).toBe(1);
    });

    it('can be stored whatever its reason and its data contain', async () => {
      const dead = message('test.noted.v1', { data: { text: 'nul \u0000, half \ud83e', $set: { 'a.b': 1 } } });
      await rig.deadLetters.store(dead, 'test/a', 'nul \u0000, half \ud83e', 1);
      await rig.deadLetters.store(message('test.noted.v1'), 'test/a', 'x'.repeat(100_000), 1);
      expect(await rig.deadLetters.count()).toBe(2);
      expect((await rig.deadLetters.list(10)).every(({ reason }) => reason.length < 10_000)).toBe(true);
    });

    it('is listed page by page, newest first, each letter once', async () => {
      const ids = Array.from({ length: 4 }, () => newId());
      for (const id of ids)
        for (const handler of ['test/a', 'test/b', 'test/C'])
          await rig.deadLetters.store(message('test.noted.v1', { id }), handler, 'no', 1);
      const seen: DeadLetter[] = [];
      for (let page = await rig.deadLetters.list(5); page.length > 0; page = await rig.deadLetters.list(5, seen.at(-1)))
        seen.push(...page);
      expect(seen).toHaveLength(12);
      expect(new Set(seen.map(({ messageId, handler }) => `${messageId} ${handler}`)).size).toBe(12);
      expect(seen).toEqual(await rig.deadLetters.list(100));
      const times = seen.map(({ diedAt }) => diedAt.getTime());
      expect(times).toEqual([...times].sort((a, b) => b - a));
      expect(seen[0]?.messageId).toBe(ids.at(-1));
    });

    it('is not found under an unknown id', async () => {
      const notFound = { kind: 'not-found', code: 'DEAD_LETTER.NOT_FOUND' };
      await expect(rig.deadLetters.redrive(newId())).rejects.toMatchObject(notFound);
      await expect(rig.deadLetters.redrive('moon')).rejects.toMatchObject(notFound);
    });

    it('when redriven is sent complete, under its own id, once, to the service that gave it up', async () => {
      const dead = message('test.noted.v1', { data: { text: 'nul \u0000, half \ud83e' } });
      await rig.deadLetters.store(dead, 'test/a', 'no', 1);
      await rig.deadLetters.store(dead, 'test/b', 'no', 1);
      await rig.deadLetters.redrive(dead.id);
      expect(await all()).toEqual([]);
      await relay.start(false);
      await eventually(() => expect(publisher.published).toEqual([{ ...dead, target: 'test' }]));
      await eventually(async () => expect(await rig.outboxTexts()).toEqual([]));
    });

    it('of its sender, which could not send it, is sent to its original receivers', async () => {
      const [event, command] = [
        message('test.noted.v1'),
        message('test.note.v1', { kind: 'command', target: 'other' }),
      ];
      for (const unsent of [event, command]) {
        await rig.deadLetters.store(unsent, 'test/outbox', 'too long', 1);
        await rig.deadLetters.redrive(unsent.id);
      }
      await relay.start(false);
      await eventually(() => expect([...publisher.published].sort(byId)).toEqual([event, command].sort(byId)));
    });
    const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

    it('that failed again while its redriven copy is still in the outbox is kept until it can be redriven', async () => {
      if (rig.publisher !== undefined) return; // This store has no outbox.
      const dead = message('test.noted.v1', { data: { text: 'again' } });
      await rig.deadLetters.store(dead, 'test/a', 'no', 1);
      await rig.deadLetters.redrive(dead.id);
      await rig.deadLetters.store(dead, 'test/a', 'still no', 1);
      const underWay = { kind: 'conflict', code: 'DEAD_LETTER.UNDER_WAY' };
      await expect(rig.deadLetters.redrive(dead.id)).rejects.toMatchObject(underWay);
      expect(await all()).toMatchObject([{ reason: 'still no' }]);
      const [sentOn] = await rig.outbox.claim(10);
      await rig.outbox.markDispatched([sentOn!.id]);
      await rig.deadLetters.redrive(dead.id);
      expect(await rig.outboxTexts()).toEqual(['again']);
      expect(await all()).toEqual([]);
    });

    it('redriven by two operators at once is sent once', async () => {
      const dead = message('test.noted.v1', { data: { text: 'twice' } });
      await rig.deadLetters.store(dead, 'test/a', 'no', 1);
      const answers = await Promise.allSettled([rig.deadLetters.redrive(dead.id), rig.deadLetters.redrive(dead.id)]);
      expect(answers.map(({ status }) => status)).toContain('fulfilled');
      expect([...textsOf(publisher.published), ...(await rig.outboxTexts())]).toEqual(['twice']);
      expect(await all()).toEqual([]);
    });
  });
}
