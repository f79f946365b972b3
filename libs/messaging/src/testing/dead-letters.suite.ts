import { Logger } from '@nestjs/common';
import { CodedError, newId } from '@seam/kernel';
import { eventually } from '@seam/testing';
import type { DeadLetter, DeadLetterFilter } from '../dead-letters.js';
import { ATTEMPTS_KEPT, failedAttempt, type FailedAttempt } from '../failure.js';
import { Relay } from '../relay.js';
import { FakePublisher, textsOf } from './notes.js';
import { describeDeadLetterActions, operator } from './dead-letter-actions.js';
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
          failure: 'second',
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

    it('is shown with its message and its attempts: those before it failed again first, and only the latest ones', async () => {
      const dead = message('test.noted.v1', {
        ...{ causationId: newId(), traceparent: 'tp', replyTo: { service: 'x', context: { n: 1 } } },
        data: { text: 'nul \u0000, half \ud83e', $set: { 'a.b': [1] } },
      });
      const error = new CodedError('conflict', 'NOTE.TAKEN', 'taken');
      const attempt = (n: number): FailedAttempt => failedAttempt(n, error, `taken ${n}\nnul \u0000, half \ud83e`);
      await rig.deadLetters.store(dead, 'test/b', 'no', 2);
      await rig.deadLetters.store(dead, 'test/a', 'first', 2, [attempt(1), attempt(2)]);
      await rig.deadLetters.store(dead, 'test/a', 'second', 1, [attempt(1)]);
      const [a, b, ...none] = await rig.deadLetters.get(dead.id);
      expect(none).toEqual([]);
      expect(a).toMatchObject({ handler: 'test/a', reason: 'second', failure: 'NOTE.TAKEN', attempts: 3 });
      expect(a!.message).toEqual({ ...dead, target: 'test' });
      expect(a!.history.map(({ attempt: n, code }) => [n, code])).toEqual([1, 2, 1].map((n) => [n, 'NOTE.TAKEN']));
      expect(a!.history[0]!.error).toContain('taken 1\nnul \u0000');
      expect(b!.history).toEqual([{ attempt: 2, at: expect.stringMatching(/Z$/), error: 'no' }]);
      for (let round = 0; round < 4; round += 1)
        await rig.deadLetters.store(
          dead,
          'test/b',
          'no',
          10,
          Array.from({ length: 10 }, (_, n) => failedAttempt(10 * round + n, undefined, 'no')),
        );
      const { history } = (await rig.deadLetters.get(dead.id))[1]!;
      expect(history).toHaveLength(ATTEMPTS_KEPT);
      expect(history.at(-1)).toMatchObject({ attempt: 39 });
      expect(await rig.deadLetters.get(newId())).toEqual([]);
      expect(await rig.deadLetters.get('moon')).toEqual([]);
    });

    it('is grouped with others of its type, handler and failure, largest group first', async () => {
      expect(await rig.deadLetters.groups()).toEqual([]);
      const before = Date.now() - 60_000;
      for (let n = 0; n < 3; n += 1)
        await rig.deadLetters.store(message('test.noted.v1'), 'test/a', `order ${newId()} has ${n} pieces`, 1);
      await rig.deadLetters.store(message('test.noted.v1'), 'test/a', 'other', 1);
      await rig.deadLetters.store(message('test.note.v1'), 'test/b', 'other', 1);
      await rig.deadLetters.store(message('test.note.v1'), 'test/b', 'other', 1);
      const groups = await rig.deadLetters.groups();
      expect(groups.map(({ oldest: _, newest: __, ...group }) => group)).toEqual([
        { type: 'test.noted.v1', handler: 'test/a', failure: 'order # has # pieces', count: 3 },
        { type: 'test.note.v1', handler: 'test/b', failure: 'other', count: 2 },
        { type: 'test.noted.v1', handler: 'test/a', failure: 'other', count: 1 },
      ]);
      const list = await rig.deadLetters.list(10, undefined, { failure: 'order # has # pieces' });
      expect(groups[0]).toMatchObject({ oldest: list.at(-1)!.diedAt, newest: list[0]!.diedAt });
      expect(groups[0]!.oldest.getTime()).toBeGreaterThan(before);
      expect(await rig.deadLetters.groups({ reason: 'th' })).toHaveLength(2);
    });

    it('is found by type, handler, failure, part of its reason and time', async () => {
      const letters = [
        ['test.noted.v1', 'test/a', 'a (b) 100%_\\ .*'],
        ['test.noted.v1', 'test/b', 'something 7'],
        ['test.note.v1', 'test/b', 'else'],
      ] as const;
      for (const [type, handler, reason] of letters) {
        await rig.deadLetters.store(message(type), handler, reason, 1);
        const stored = Date.now();
        await eventually(() => expect(Date.now()).toBeGreaterThan(stored)); // Each has a time of its own.
      }
      const found = async (filter: DeadLetterFilter): Promise<number[]> => {
        const list = await rig.deadLetters.list(10, undefined, filter);
        expect(await rig.deadLetters.count(filter)).toBe(list.length);
        return list.map(({ reason }) => letters.findIndex(([, , each]) => each === reason));
      };
      expect(await found({})).toEqual([2, 1, 0]);
      expect(await found({ type: 'test.noted.v1' })).toEqual([1, 0]);
      expect(await found({ handler: 'test/b' })).toEqual([2, 1]);
      expect(await found({ handler: 'test/b', type: 'test.noted.v1' })).toEqual([1]);
      expect(await found({ failure: 'something #' })).toEqual([1]);
      expect(await found({ reason: '(b) 100%_\\ .*' })).toEqual([0]);
      expect(await found({ reason: '.' })).toEqual([0]);
      const [last, middle] = await rig.deadLetters.list(3);
      expect(await found({ from: middle!.diedAt })).toEqual([2, 1]);
      expect(await found({ from: middle!.diedAt, to: last!.diedAt })).toEqual([1]);
      const [first] = await rig.deadLetters.list(1, undefined, { handler: 'test/b' });
      const next = await rig.deadLetters.list(1, first, { handler: 'test/b' });
      expect(next.map(({ reason }) => reason)).toEqual(['something 7']);
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
      await expect(rig.deadLetters.redrive(newId(), operator)).rejects.toMatchObject(notFound);
      await expect(rig.deadLetters.redrive('moon', operator)).rejects.toMatchObject(notFound);
    });

    it('when redriven is sent complete, under its own id, once, to the service that gave it up', async () => {
      const dead = message('test.noted.v1', { data: { text: 'nul \u0000, half \ud83e' } });
      await rig.deadLetters.store(dead, 'test/a', 'no', 1);
      await rig.deadLetters.store(dead, 'test/b', 'no', 1);
      await rig.deadLetters.redrive(dead.id, operator);
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
        await rig.deadLetters.redrive(unsent.id, operator);
      }
      await relay.start(false);
      await eventually(() => expect([...publisher.published].sort(byId)).toEqual([event, command].sort(byId)));
    });
    const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

    it('that failed again while its redriven copy is still in the outbox is kept until it can be redriven', async () => {
      if (rig.publisher !== undefined) return; // This store has no outbox.
      const dead = message('test.noted.v1', { data: { text: 'again' } });
      await rig.deadLetters.store(dead, 'test/a', 'no', 1);
      await rig.deadLetters.redrive(dead.id, operator);
      await rig.deadLetters.store(dead, 'test/a', 'still no', 1);
      const underWay = { kind: 'conflict', code: 'DEAD_LETTER.UNDER_WAY' };
      await expect(rig.deadLetters.redrive(dead.id, operator)).rejects.toMatchObject(underWay);
      expect(await all()).toMatchObject([{ reason: 'still no' }]);
      const [sentOn] = await rig.outbox.claim(10);
      await rig.outbox.markDispatched([sentOn!.id]);
      await rig.deadLetters.redrive(dead.id, operator);
      expect(await rig.outboxTexts()).toEqual(['again']);
      expect(await all()).toEqual([]);
    });

    it('redriven by two operators at once is sent once', async () => {
      const dead = message('test.noted.v1', { data: { text: 'twice' } });
      await rig.deadLetters.store(dead, 'test/a', 'no', 1);
      const answers = await Promise.allSettled([
        rig.deadLetters.redrive(dead.id, operator),
        rig.deadLetters.redrive(dead.id, operator),
      ]);
      expect(answers.map(({ status }) => status)).toContain('fulfilled');
      expect([...textsOf(publisher.published), ...(await rig.outboxTexts())]).toEqual(['twice']);
      expect(await all()).toEqual([]);
    });

    describeDeadLetterActions(() => ({ rig, publisher, relay }));
  });
}
