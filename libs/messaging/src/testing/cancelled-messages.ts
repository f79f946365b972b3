import { eventually } from '@seam/testing';
import { setTimeout as pause } from 'node:timers/promises';
import type { OutboxEntry } from '../outbox.js';
import { cancelling, sending } from '../work.js';
import { deadRelay, note, outgoing, textsOf } from './notes.js';
import type { StoreRig } from './store-rig.js';

const DUE_MS = 150;

/** The part of the outbox's suite about cancelling delayed messages. */
export function describeCancelling(rigOf: () => StoreRig): void {
  describe('a delayed message with a key to cancel it', () => {
    const committer = () => rigOf().committer({ relay: deadRelay });
    const delayed = (text: string, cancelKey: string, ms = DUE_MS) =>
      outgoing(text, { cancelKey, notBefore: new Date(Date.now() + ms) });
    const schedule = (text: string, cancelKey: string) => committer().commit(sending([delayed(text, cancelKey)]));
    const cancel = (...keys: string[]) => committer().commit(cancelling(sending([]), keys));
    /** What is sent at its time. */
    const sent = async (): Promise<string[]> => {
      await pause(2 * DUE_MS);
      await rigOf().endLeases();
      return textsIn(await rigOf().outbox.claim(100));
    };
    const textsIn = (entries: readonly OutboxEntry[]): string[] =>
      entries.flatMap(({ messages }) => textsOf(messages)).sort();

    it('is sent at its time, unless a later commit cancels it, in whichever process', async () => {
      await schedule('a', 'order-1');
      await schedule('b', 'order-1');
      await schedule('c', 'order-2');
      await committer().commit(note('other', [outgoing('d', { notBefore: new Date(Date.now() + DUE_MS) })]));
      await cancel('order-1', 'order-3');
      expect(await sent()).toEqual(['c', 'd']);
      expect((await rigOf().outbox.lag()).waiting).toBe(2);
    });

    it('stays if the commit that cancels it fails, and goes with the change of one that succeeds', async () => {
      await schedule('a', 'k');
      await schedule('b', 'l');
      await committer().commit(note('taken', []));
      await expect(committer().commit(cancelling(note('taken', []), ['k']))).rejects.toThrow();
      await expect(committer().commit(cancelling(note('no: x', []), ['k']))).rejects.toThrow('no: x');
      await committer().commit(cancelling(note('free', []), ['l']));
      expect(await rigOf().notes()).toContain('free');
      expect(await sent()).toEqual(['a']);
    });

    it('is replaced by one of the commit that cancels it', async () => {
      await schedule('first', 'k');
      await committer().commit(cancelling(sending([delayed('second', 'k')]), ['k']));
      expect(await sent()).toEqual(['second']);
      await schedule('third', 'k');
      await pause(2 * DUE_MS);
      expect(textsIn(await rigOf().outbox.claim(10))).toEqual(['third']);
    });

    it('is cancelled by a work of its own batch that comes after it, not by one before it', async () => {
      const one = committer();
      await Promise.all([
        one.commit(sending([delayed('before', 'k')])),
        one.commit(cancelling(sending([delayed('with', 'l')]), ['k', 'l'])),
        one.commit(sending([delayed('after', 'k')])),
      ]);
      expect(await sent()).toEqual(['after', 'with']);
    });

    it('is not sent again after its cancellation if a relay has claimed it, and could not send it', async () => {
      await schedule('a', 'k');
      await pause(2 * DUE_MS);
      const claimed = await rigOf().outbox.claim(10);
      expect(textsIn(claimed)).toEqual(['a']);
      await cancel('k');
      await rigOf().outbox.giveBack(
        claimed.map(({ id }) => id),
        0,
      );
      await rigOf().endLeases();
      expect(await rigOf().outbox.claim(10)).toEqual([]);
      await eventually(async () => expect(await rigOf().outboxTexts()).toEqual([]));
    });

    it('must be delayed', async () => {
      await expect(committer().commit(sending([outgoing('a', { cancelKey: 'k' })]))).rejects.toThrow(/notBefore/);
    });
  });
}
