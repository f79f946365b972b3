import { type Message, newId } from '@seam/kernel';
import { eventually } from '@seam/testing';
import type { Operator } from '../dead-letters.js';
import type { Relay } from '../relay.js';
import { type FakePublisher, note, textsOf } from './notes.js';
import { message } from './receiving-rig.js';
import type { StoreRig } from './store-rig.js';

export const operator: Operator = { by: 'operator-1', why: 'the address was corrected' };

interface Parts {
  readonly rig: StoreRig;
  readonly publisher: FakePublisher;
  /** Not started yet. */
  readonly relay: Relay;
}

/** What operators can do with dead letters, on every engine. */
export function describeDeadLetterActions(parts: () => Parts): void {
  const rig = (): StoreRig => parts().rig;
  const publisher = (): FakePublisher => parts().publisher;
  const relay = (): Relay => parts().relay;
  const all = (): Promise<object[]> => rig().deadLetters.list(10);
  /** A committer of another process, which handles a message. */
  const handle = (dead: Message): Promise<'done' | 'duplicate'> => {
    const cause = { messageId: dead.id, handler: 'test/a', correlationId: dead.correlationId };
    return rig().committer({ relay: relay() }).handle(note('handled', []), cause);
  };
  /** Everything that is sent, or still to be sent. */
  const sent = async (): Promise<string[]> => [...textsOf(publisher().published), ...(await rig().outboxTexts())];

  it('when edited is sent with the other data under a new id, with a link to the original, which is not sent', async () => {
    const dead = message('test.noted.v1', {
      ...{ data: { text: 'wrong' }, causationId: newId(), expiresAt: new Date().toISOString() },
    });
    await rig().deadLetters.store(dead, 'test/a', 'no', 1);
    const id = await rig().deadLetters.edit(dead.id, { text: 'nul \u0000, right' }, operator);
    expect(id).not.toBe(dead.id);
    expect(await all()).toEqual([]);
    await relay().start(false);
    const { expiresAt: _, at: __, ...kept } = dead;
    const replaced = { ...kept, id, target: 'test', causationId: dead.id, data: { text: 'nul \u0000, right' } };
    await eventually(() => expect(publisher().published).toEqual([{ ...replaced, at: expect.any(String) }]));
    await eventually(async () => expect(await rig().outboxTexts()).toEqual([]));
    if (rig().publisher === undefined) expect(await handle(dead)).toBe('duplicate');
  });

  it('when discarded is never sent, and never takes effect, even if its transport delivers it again', async () => {
    const dead = message('test.noted.v1', { data: { text: 'gone' } });
    await rig().deadLetters.store(dead, 'test/a', 'no', 1);
    await rig().deadLetters.store(dead, 'test/b', 'no', 1);
    await rig().deadLetters.discard(dead.id, operator);
    expect([await all(), await sent()]).toEqual([[], []]);
    if (rig().publisher === undefined) expect(await handle(dead)).toBe('duplicate');
    const notFound = { kind: 'not-found', code: 'DEAD_LETTER.NOT_FOUND' };
    await expect(rig().deadLetters.redrive(dead.id, operator)).rejects.toMatchObject(notFound);
    await expect(rig().deadLetters.edit(dead.id, {}, operator)).rejects.toMatchObject(notFound);
    await expect(rig().deadLetters.discard(dead.id, operator)).rejects.toMatchObject(notFound);
  });

  it('whose message was handled meanwhile is not edited, but can be discarded', async () => {
    if (rig().publisher !== undefined) return; // This store marks no message as handled.
    const dead = message('test.noted.v1', { data: { text: 'late' } });
    await rig().deadLetters.store(dead, 'test/a', 'no', 1);
    await handle(dead);
    const handled = { kind: 'conflict', code: 'DEAD_LETTER.HANDLED' };
    await expect(rig().deadLetters.edit(dead.id, { text: 'other' }, operator)).rejects.toMatchObject(handled);
    expect([await sent(), await rig().deadLetters.actions(10)]).toEqual([[], []]);
    await rig().deadLetters.discard(dead.id, operator);
    expect(await all()).toEqual([]);
  });

  it('on which several operators act at once is sent at most once, as one of them has said', async () => {
    const dead = message('test.noted.v1', { data: { text: 'original' } });
    await rig().deadLetters.store(dead, 'test/a', 'no', 1);
    const answers = await Promise.allSettled([
      rig().deadLetters.edit(dead.id, { text: 'first' }, operator),
      rig().deadLetters.edit(dead.id, { text: 'second' }, { ...operator, by: 'operator-2' }),
      rig().deadLetters.edit(dead.id, { text: 'third' }, operator),
    ]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await eventually(async () => expect(await all()).toEqual([]));
    const [text, ...others] = await sent();
    expect(['first', 'second', 'third']).toContain(text);
    expect(others).toEqual([]);
    expect(await rig().deadLetters.actions(10)).toHaveLength(1);
  });

  it('has what operators did to it recorded: who, when, why, and what was sent instead', async () => {
    const letters = ['a', 'b', 'c'].map((text) => message('test.noted.v1', { data: { text } }));
    const before = Date.now();
    for (const { id, ...rest } of letters) {
      await rig().deadLetters.store({ id, ...rest }, 'test/a', 'no', 1);
      if (rest.data === letters[0]!.data) await rig().deadLetters.store({ id, ...rest }, 'test/b', 'no', 1);
    }
    const [redriven, edited, discarded] = letters.map(({ id }) => id);
    await rig().deadLetters.redrive(redriven!, operator);
    const replacedBy = await rig().deadLetters.edit(edited!, {}, { by: 'operator-2', why: "'ünï' \\ ☃\u0000" });
    await rig().deadLetters.discard(discarded!, operator);
    const [last, ...earlier] = await rig().deadLetters.actions(10);
    const type = 'test.noted.v1';
    expect(last).toMatchObject({ action: 'discarded', ...operator, messageId: discarded, type });
    expect(Math.abs(last!.at.getTime() - before)).toBeLessThan(60_000);
    expect(earlier).toMatchObject([
      { action: 'edited', by: 'operator-2', why: "'ünï' \\ ☃", messageId: edited, replacedBy, handlers: ['test/a'] },
      { action: 'redriven', messageId: redriven, handlers: ['test/a', 'test/b'] },
    ]);
    expect(earlier[1]).not.toHaveProperty('replacedBy');
    expect(await rig().deadLetters.actions(1)).toEqual([last]);
    expect(await rig().deadLetters.actions(1, last!.id)).toEqual([earlier[0]]);
  });

  it('expires with what was done to it, and leaves younger ones', async () => {
    const [old, kept] = [message('test.noted.v1'), message('test.noted.v1')];
    for (const handler of ['test/a', 'test/b']) await rig().deadLetters.store(old, handler, 'no', 1);
    const done = message('test.noted.v1');
    await rig().deadLetters.store(done, 'test/a', 'no', 1);
    await rig().deadLetters.discard(done.id, operator);
    expect(await rig().deadLetters.expire(new Date(Date.now() - 60_000), 10)).toEqual({ letters: 0, actions: 0 });
    const between = Date.now() + 2;
    await eventually(() => expect(Date.now()).toBeGreaterThan(between + 2));
    await rig().deadLetters.store(kept, 'test/a', 'no', 1);
    await rig().deadLetters.expire(new Date(between), 1);
    await rig().deadLetters.expire(new Date(between), 10);
    expect((await rig().deadLetters.list(10)).map(({ messageId }) => messageId)).toEqual([kept.id]);
    expect(await rig().deadLetters.get(old.id)).toEqual([]);
    expect(await rig().deadLetters.actions(10)).toEqual([]);
  });
}
