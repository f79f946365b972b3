import { Logger } from '@nestjs/common';
import { runInTrace } from '@seam/kernel';
import { eventually } from '@seam/testing';
import type { AfterCommit, Cause, Committer } from '../committer.js';
import { isConflict } from '../errors.js';
import { Relay } from '../relay.js';
import { naturallyIdempotent, lowPriority, sending, type Work, work } from '../work.js';
import { cause, deadRelay, FakePublisher, note as loudNote, NoteKind, outgoing, textsOf } from './notes.js';
import type { StoreRig } from './store-rig.js';

const outcome = <T>(promise: Promise<T>): Promise<unknown> => promise.catch((error: unknown) => error);

/** For a store whose changes have no attributes to show in traces. */
const silentNote = (text: string): Work<string> => work(NoteKind, text, () => ({ value: text, messages: [] }));

/** Features that a committer may lack. */
export interface CommitterFeatures {
  /** It only records: its works send nothing, and a repeated message is `done` again, without a further effect. */
  readonly recordsOnly?: boolean;
}

/**
 * The guarantees of every adapter of {@link Committer}. `open` is called once, and returns a store that only this suite
 * uses.
 */
export function describeCommitter(
  name: string,
  open: () => Promise<StoreRig>,
  { recordsOnly = false }: CommitterFeatures = {},
): void {
  describe(`${name}: a committer`, () => {
    let rig: StoreRig;
    let publisher: FakePublisher;
    let relay: Relay;
    let committer: Committer;
    /** A conflict that is resolved is not an error. */
    const errors: unknown[] = [];
    beforeAll(async () => {
      const ignore = (): void => undefined;
      Logger.overrideLogger({ log: ignore, warn: ignore, error: (line: unknown) => errors.push(line) });
      rig = await open();
    });
    beforeEach(async () => {
      await rig.clear();
      publisher = new FakePublisher();
      relay = new Relay({
        service: 'test',
        outbox: rig.outbox,
        publisher,
        deadLetters: rig.deadLetters,
        sweepEveryMs: 10,
      });
      committer = rig.committer({ relay });
    });
    afterEach(async () => {
      await relay.stop();
      expect(errors.splice(0)).toEqual([]);
    });
    afterAll(() => rig.close());
    const note: typeof loudNote = recordsOnly ? silentNote : loudNote;
    const published = (texts: string[]): string[] => (recordsOnly ? [] : texts);
    const notes = async (): Promise<string[]> => (await rig.notes()).sort();

    it('commits many works at once, with their marks, and returns each result', async () => {
      const texts = Array.from({ length: 50 }, (_, index) => `n${String(index).padStart(2, '0')}`);
      const values = texts.slice(0, 25).map((text) => committer.commit(note(text)));
      const handled = texts.slice(25).map((text) => committer.handle(note(text), cause()));
      expect(await Promise.all(values)).toEqual(texts.slice(0, 25));
      expect(new Set(await Promise.all(handled))).toEqual(new Set(['done']));
      expect(await notes()).toEqual(texts);
      expect(textsOf(publisher.published).sort()).toEqual(published(texts));
    });

    it('commits more works than its limit, and works of low priority, in their order', async () => {
      committer = rig.committer({ relay, batchLimit: 4 });
      const all = Array.from({ length: 10 }, (_, index) => note(`n${index}`));
      await Promise.all(all.map((one, index) => committer.commit(index % 2 === 0 ? one : lowPriority(one))));
      expect(await notes()).toHaveLength(10);
    });

    it('settles each work separately: a rejected one writes nothing, and the others of its batch commit', async () => {
      const answers = ['a', 'no: b', 'c'].map((text) => outcome(committer.commit(note(text))));
      expect(await Promise.all(answers)).toEqual(['a', new Error('no: b'), 'c']);
      expect(await notes()).toEqual(['a', 'c']);
      expect(textsOf(publisher.published).sort()).toEqual(published(['a', 'c']));
    });

    it('fails only the works of an unregistered kind', async () => {
      const unknown = work({ name: 'moon' }, 1, () => ({ value: 1, messages: [] }));
      const [a, b] = await Promise.all([outcome(committer.commit(unknown)), outcome(committer.commit(note('b')))]);
      expect(a).toMatchObject({ message: 'test: no adapter is registered for works of kind moon' });
      expect(b).toBe('b');
    });

    it('fails only the work whose messages cannot be created', async () => {
      const broken = {
        ...note('a'),
        settle: (): never => {
          throw new Error('broken');
        },
      };
      const [a, b] = await Promise.all([outcome(committer.commit(broken)), outcome(committer.commit(note('b')))]);
      expect([a, b]).toEqual([new Error('broken'), 'b']);
      expect(await notes()).toEqual(['b']);
    });

    it('is idle when all works are settled', async () => {
      const all = Promise.all(
        Array.from({ length: 20 }, (_, index) => committer.commit(lowPriority(note(`n${index}`)))),
      );
      await committer.idle();
      expect(await notes()).toHaveLength(20);
      await all;
    });

    it('gives a repeated message one effect', async () => {
      const from = cause();
      await Promise.all([1, 2, 3].map(() => committer.handle(note('once'), from)));
      await committer.handle(note('once'), from);
      expect(await notes()).toEqual(['once']);
    });

    if (recordsOnly) return;

    it('does not commit twice if a listener fails after the commit', async () => {
      const broken: AfterCommit = {
        ...deadRelay,
        handOver: () => {
          throw new Error('broken');
        },
      };
      expect(await outcome(rig.committer({ relay: broken }).commit(note('a')))).toBe('a');
      expect(errors.splice(0)).toEqual([expect.stringContaining('not passed to the relay')]);
      expect(await notes()).toEqual(['a']);
      expect(await rig.outboxTexts()).toEqual(['a']);
    });

    it('commits works that only send, with their marks, beside others', async () => {
      const from = cause();
      const all = [
        committer.handle(sending([outgoing('sent')]), from),
        committer.handle(sending([]), cause()),
        committer.commit(note('a')),
      ];
      expect(await Promise.all(all)).toEqual(['done', 'done', 'a']);
      expect(await committer.handle(sending([outgoing('again')]), from)).toBe('duplicate');
      expect(textsOf(publisher.published).sort()).toEqual(['a', 'sent']);
      expect(await notes()).toEqual(['a']);
    });

    describe('the messages of a commit', () => {
      it('contain their sender, time, cause and trace', async () => {
        const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
        const from = cause();
        await runInTrace({ traceId: 'x', traceparent }, () => committer.commit(note('traced')));
        await committer.handle(note('caused'), { ...from, traceparent });
        const [first, second] = publisher.published;
        expect(first).toMatchObject({
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          type: 'test.noted.v1',
          kind: 'event',
          source: 'test',
          correlationId: expect.any(String),
          traceparent,
          at: expect.stringMatching(/^\d{4}-.*Z$/),
          data: { text: 'traced' },
        });
        expect(second).toMatchObject({ causationId: from.messageId, traceparent });
      });

      it('are all stored or none, together with the change and the mark', async () => {
        await committer.commit(note('taken', []));
        const from = cause();
        const refused = await outcome(committer.handle(note('taken'), from));
        expect({ refused, conflict: isConflict(refused) }).toMatchObject({ conflict: true });
        expect({ notes: await notes(), outbox: await rig.outboxTexts() }).toEqual({ notes: ['taken'], outbox: [] });
        expect(await committer.handle(note('free'), from)).toBe('done');
      });

      it('are found by a sweep after a crash between commit and sending, each once', async () => {
        const dead = rig.committer({ relay: deadRelay });
        await Promise.all(
          ['a', 'b'].map((text) => dead.commit(note(text, [outgoing(`${text}1`), outgoing(`${text}2`)]))),
        );
        await rig.endLeases();
        await relay.start(false);
        await eventually(() => expect(textsOf(publisher.published).sort()).toEqual(['a1', 'a2', 'b1', 'b2']));
        await eventually(async () => expect(await rig.outboxTexts()).toEqual([]));
      });

      it('are waited for if that is requested, but not for ever', async () => {
        let sent!: () => void;
        publisher.answer = () => new Promise((resolve) => (sent = resolve));
        expect(await committer.commit(note('late'), { dispatchedWithinMs: 5 })).toBe('late');
        sent();
        let resolved = false;
        const waiting = committer.commit(note('soon'), { dispatchedWithinMs: 30_000 }).then(() => (resolved = true));
        await eventually(() => expect(publisher.published).toHaveLength(2));
        expect(resolved).toBe(false);
        sent();
        await waiting;
      });
    });

    describe('a repeated message', () => {
      it('has one effect, in the same batch and later', async () => {
        const from = cause();
        const first = await Promise.all([1, 2, 3].map((n) => committer.handle(note(`n${n}`), from)));
        expect(first.sort()).toEqual(['done', 'duplicate', 'duplicate']);
        expect(await committer.handle(note('later'), from)).toBe('duplicate');
        expect(await notes()).toHaveLength(1);
        expect(publisher.published).toHaveLength(1);
      });

      it('for another handler is handled again', async () => {
        const from = cause('test/a');
        expect(await committer.handle(note('a'), from)).toBe('done');
        expect(await committer.handle(note('b'), { ...from, handler: 'test/b' })).toBe('done');
      });

      it('does not affect the other works of its batch', async () => {
        const from = cause();
        await committer.handle(note('before'), from);
        const answers = await Promise.all([
          committer.commit(note('a')),
          committer.handle(note('again'), from),
          committer.handle(note('b'), cause()),
        ]);
        expect(answers).toEqual(['a', 'duplicate', 'done']);
        expect(await notes()).toEqual(['a', 'b', 'before']);
      });

      it('is a duplicate even if its decision would be refused or would conflict now', async () => {
        const from = cause();
        await committer.handle(note('once'), from);
        expect(await committer.handle(note('no: not twice'), from)).toBe('duplicate');
        expect(await committer.handle(note('once'), from)).toBe('duplicate');
        await expect(committer.handle(note('no: new'), cause())).rejects.toThrow('no: new');
      });

      it('leaves no mark if its change is naturally idempotent', async () => {
        const from = cause();
        expect(await committer.handle(naturallyIdempotent(note('a')), from)).toBe('done');
        expect(await committer.handle(note('b'), from)).toBe('done');
      });

      it.each([1, 2, 3])('has one effect if two processes handle it at once (%s)', async () => {
        const other = rig.committer({ relay });
        const causes = Array.from({ length: 20 }, () => cause());
        const make = (by: Committer, text: string) => (from: Cause, index: number) =>
          by.handle(note(`${text}${index}`), from);
        const answers = await Promise.all([
          ...causes.map(make(committer, 'a')),
          ...[...causes].reverse().map(make(other, 'b')),
        ]);
        expect(answers.filter((answer) => answer === 'done')).toHaveLength(20);
        expect(await notes()).toHaveLength(20);
        expect(publisher.published).toHaveLength(20);
      });
    });

    it('lets one of two processes win that want the same thing, and informs the other', async () => {
      const other = rig.committer({ relay });
      const answers = await Promise.all(
        [committer, other, committer, other].map((by, index) =>
          outcome(by.commit(note('one', [outgoing(`${index}`)]))),
        ),
      );
      expect(answers.filter((answer) => answer === 'one')).toHaveLength(1);
      expect(answers.filter(isConflict)).toHaveLength(3);
      expect(await notes()).toEqual(['one']);
      expect(publisher.published).toHaveLength(1);
    });
  });
}
