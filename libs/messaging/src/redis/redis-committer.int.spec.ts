import { jest } from '@jest/globals';
import { engine } from '@seam/testing/engines';
import { describeCommitter } from '../testing/committer.suite.js';
import { cause, deadRelay, note, outgoing } from '../testing/notes.js';
import { RedisRig } from '../testing/redis-rig.js';
import { work, type WorkKind } from '../work.js';
import { RedisCommitter } from './redis-committer.js';
import { RedisKeys } from './redis-keys.js';

const server = engine('redis');

(server ? describe : describe.skip)('Redis', () => {
  describeCommitter('Redis', () => RedisRig.open(server!.url));

  describe('RedisCommitter', () => {
    let rig: RedisRig;
    beforeAll(async () => {
      rig = await RedisRig.open(server!.url);
    });
    beforeEach(() => rig.clear());
    afterAll(() => rig.close());

    /** Adds one to a number, based on the known value. */
    const CountKind: WorkKind<string, number> = { name: 'count' };
    const counting = (failsOn?: string): RedisCommitter => {
      const committer = new RedisCommitter({ service: 'test', redis: rig.redis, keys: rig.keys, relay: deadRelay });
      const keyOf = (name: string): string => rig.keys.of('count', name);
      committer.register(CountKind, {
        reads: (names) => names.map(keyOf),
        decide: (names, known) => {
          if (names.some((name) => known.get(keyOf(name)) === failsOn)) throw new Error(`not on ${failsOn}`);
          const counts = new Map<string, number>();
          const results = names.map((name) => {
            const next = (counts.get(name) ?? Number(known.get(keyOf(name)) ?? 0)) + 1;
            counts.set(name, next);
            return next;
          });
          return {
            results,
            writes: Array.from(counts, ([name, count]) => ({ type: 'set', key: keyOf(name), value: `${count}` })),
          };
        },
      });
      return committer;
    };
    const add = (name: string): ReturnType<typeof work<string, number, number>> =>
      work(CountKind, name, (value) => ({ value, messages: [] }));

    it('lets many processes change one value; each change counts, and none waits for ever', async () => {
      const processes = Array.from({ length: 8 }, () => counting());
      const counts = await Promise.all(
        processes.flatMap((committer) =>
          Array.from({ length: 50 }, async (_, round) => {
            // Staggered, so that each process commits several times.
            for (let ticks = 0; ticks < round % 5; ticks += 1) await Promise.resolve();
            return committer.commit(add('hot'));
          }),
        ),
      );
      expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
    });

    it('detects that a remembered value has changed', async () => {
      const [one, other] = [counting(), counting()];
      expect(await one.commit(add('x'))).toBe(1);
      expect(await other.commit(add('x'))).toBe(2);
      expect(await one.commit(add('x'))).toBe(3);
      await rig.redis.del(rig.keys.of('count', 'x'));
      expect(await one.commit(add('x'))).toBe(1);
    });

    it('accepts a decision’s error only for current values', async () => {
      const [careful, other] = [counting('2'), counting()];
      expect(await careful.commit(add('x'))).toBe(1);
      expect(await careful.commit(add('x'))).toBe(2);
      expect(await other.commit(add('x'))).toBe(3);
      expect(await careful.commit(add('x'))).toBe(4);
      await rig.redis.set(rig.keys.of('count', 'x'), '2');
      await expect(careful.commit(add('x'))).rejects.toThrow('not on 2');
    });

    it('is not blocked for long by a process that died with the commit lock', async () => {
      await rig.redis.set(rig.keys.commitLock, 'somebody', 'PX', 200);
      expect(await counting().commit(add('x'))).toBe(1);
    });

    it('continues after the server has forgotten its scripts', async () => {
      const committer = counting();
      await committer.commit(add('x'));
      await rig.redis.script('FLUSH');
      expect(await Promise.all([committer.commit(add('x')), committer.commit(add('x'))])).toEqual([2, 3]);
    });

    it('accesses no key outside its slot', async () => {
      const committer = rig.committer({ relay: deadRelay });
      const calls = jest.spyOn(rig.redis, 'call');
      const later = outgoing('later', { notBefore: new Date(Date.now() + 60_000) });
      await Promise.all([
        committer.handle(note('a', [later, outgoing('now')]), cause()),
        committer.handle(note('b'), cause('test/h', 'not-a-uuid')),
      ]);
      const commit = calls.mock.calls.find(([command]) => command === 'EVALSHA')?.[1] as unknown as (string | number)[];
      const keys = commit.slice(2, 2 + Number(commit[1]));
      expect(keys.length).toBeGreaterThan(7);
      expect(keys.filter((key) => !String(key).startsWith(`{${rig.keys.namespace}}:`))).toEqual([]);
    });

    it('stores a mark for a week', async () => {
      const from = cause();
      await rig.committer({ relay: deadRelay }).handle(note('a'), from);
      const seconds = await rig.redis.ttl(rig.keys.mark(from).key);
      expect(seconds).toBeGreaterThan(7 * 24 * 3_600 - 60);
      expect(seconds).toBeLessThanOrEqual(7 * 24 * 3_600);
    });

    it('commits a batch that is larger than Lua’s stack', async () => {
      const committer = rig.committer({ relay: deadRelay, batchLimit: 20_000 });
      const texts = Array.from({ length: 12_000 }, (_, index) => `n${index}`);
      const answers = await Promise.all(texts.map((text) => committer.handle(note(text, []), cause())));
      expect(new Set(answers)).toEqual(new Set(['done']));
      expect(await rig.notes()).toHaveLength(12_000);
    });
  });
});

test('marks of one minute share a set, which is found by the message’s id', () => {
  const keys = new RedisKeys('seam:test');
  const handler = 'test/h';
  const [a, b] = ['01760000-0000-7000-8000-000000000001', '01760000-0001-7fff-8000-000000000002'];
  expect(keys.mark({ messageId: a, handler }).key).toBe(keys.mark({ messageId: b, handler }).key);
  expect(keys.mark({ messageId: 'moon', handler })).toEqual({ key: '{seam:test}:inbox:moon', member: 'moon test/h' });
});
