import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Message } from '@seam/kernel';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { eventually } from '@seam/testing';
import { startTestServer } from '@seam/persistence/testing';
import type { PostgresCommitter } from './postgres/postgres-committer.js';
import { UndeliverableError } from './publisher.js';
import { Relay } from './relay.js';
import { FakePublisher, MessagingRig, note, outgoing } from './testing/messaging-rig.js';

let server: EmbeddedPostgres;
let rig: MessagingRig;
let committer: PostgresCommitter;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestServer();
  rig = await MessagingRig.open(server, 'relay');
});
beforeEach(async () => {
  await rig.clear();
  committer = rig.committer();
});
afterAll(async () => {
  await rig.relay.stop();
  await rig.database.close();
  await server.stop();
});

const texts = (messages: readonly Message[] = rig.publisher.published): string[] =>
  messages.map(({ data }) => (data as { text: string }).text);

/**
 * Leaves the messages of a process that died right after its commit; a later start is at least one millisecond later.
 */
async function leftBehind(...all: string[]): Promise<void> {
  const dead = { relay: { handOver: () => undefined, whenDispatched: () => Promise.resolve() } };
  // One commit for each text.
  await Promise.all(all.map((text) => rig.committer(dead).commit(note(text))));
  const died = Date.now();
  await eventually(() => expect(Date.now()).toBeGreaterThan(died));
}

/** Publishes only when the test allows it. */
function held(publisher: FakePublisher): { settle: () => void; fail: () => void } {
  const open: { resolve: () => void; reject: (error: Error) => void }[] = [];
  publisher.answer = () => new Promise<void>((resolve, reject) => open.push({ resolve, reject }));
  return {
    settle: () => open.splice(0).forEach(({ resolve }) => resolve()),
    fail: () => open.splice(0).forEach(({ reject }) => reject(new Error('not now'))),
  };
}

describe('the messages of a commit', () => {
  it('that could not be sent are known with attempts and reason, until they are sent', async () => {
    rig.publisher.answer = () => Promise.reject(new Error('no answer'));
    await committer.commit(note('a', [outgoing('1', { type: 'b.do.v1', kind: 'command', target: 'b' })]));
    await rig.relay.start(false);
    await eventually(() =>
      expect(rig.relay.unsent()).toEqual([
        {
          ...{ type: 'b.do.v1', target: 'b', count: 1, attempts: expect.any(Number) },
          ...{ oldest: expect.stringMatching(/Z$/), reason: 'no answer' },
        },
      ]),
    );
    await eventually(() => expect(rig.relay.unsent()[0]!.attempts).toBeGreaterThan(1));
    rig.publisher.answer = () => Promise.resolve();
    await eventually(() => expect(rig.relay.unsent()).toEqual([]));
    await eventually(async () => expect(await rig.outboxTexts()).toEqual([]));
  });

  it('are sent at once, without a sweep', async () => {
    await committer.commit(note('a', [outgoing('1'), outgoing('2')]));
    expect(texts()).toEqual(['1', '2']);
  });

  it('are deleted only after the receivers have them', async () => {
    const { settle } = held(rig.publisher);
    await committer.commit(note('a'));
    await rig.relay.start(false);
    expect(rig.relay.underWay).toBe(1);
    expect(await rig.outboxTexts()).toEqual(['a']);
    settle();
    await eventually(async () => expect(await rig.outboxTexts()).toEqual([]));
    expect(rig.relay.underWay).toBe(0);
    expect(texts()).toEqual(['a']);
  });

  it('that were not delivered wait until their lease ends, and are then sent again with the same id', async () => {
    rig.publisher.answer = () => Promise.reject(new Error('not now'));
    await committer.commit(note('a'));
    await rig.relay.start(false);
    await leftBehind('b');
    await rig.endLeases();
    await eventually(() => expect(texts().filter((text) => text === 'b')).toHaveLength(1));
    const sweeps = jest.spyOn(rig.outbox, 'claim');
    await eventually(() => expect(sweeps.mock.calls.length).toBeGreaterThan(3));
    sweeps.mockRestore();
    expect(texts()).toHaveLength(3);
    rig.publisher.answer = () => Promise.resolve();
    await rig.endLeases();
    await eventually(async () => expect(await rig.outboxTexts()).toEqual([]));
    const ids = rig.publisher.published
      .filter(({ data }) => (data as { text: string }).text === 'a')
      .map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(1);
  });

  it('survive a publisher that throws instead of rejecting', async () => {
    rig.publisher.answer = () => {
      throw new Error('broken');
    };
    expect(await committer.commit(note('a', [outgoing('1'), outgoing('2')]))).toBe('a');
    expect(texts()).toEqual(['1', '2']);
    await eventually(() => expect(rig.relay.underWay).toBe(0));
    expect(await rig.outboxTexts()).toEqual(['1', '2']);
  });
});

describe('a message that the publisher does not accept', () => {
  it('and never will becomes a dead letter of its sender, with the reason, and is not sent again', async () => {
    rig.publisher.answer = ({ data }) =>
      (data as { text: string }).text === 'bad'
        ? Promise.reject(new UndeliverableError('too long'))
        : Promise.resolve();
    await rig.relay.start(false);
    await committer.commit(note('a', [outgoing('bad'), outgoing('good')]));
    await eventually(async () => expect(await rig.outboxTexts()).toEqual([]));
    expect(texts()).toEqual(['bad', 'good']);
    expect(await rig.deadLetters.list(10)).toMatchObject([{ handler: 'test/outbox', reason: 'too long', attempts: 1 }]);
  });

  it('is sent again without those of its commit that were delivered', async () => {
    let refusing = true;
    rig.publisher.answer = ({ data }) =>
      refusing && (data as { text: string }).text === 'bad' ? Promise.reject(new Error('not now')) : Promise.resolve();
    await rig.relay.start(false);
    await committer.commit(note('a', [outgoing('bad'), outgoing('good')]));
    refusing = false;
    await eventually(async () => expect(await rig.outboxTexts()).toEqual([]));
    expect(texts()).toEqual(['bad', 'good', 'bad']);
  });

  it('at the moment stays in the outbox and not in memory; it is sent later, within the limits', async () => {
    let [ready, active, most] = [false, 0, 0];
    const window = { messages: 10, bytes: 1_000_000 };
    const publisher = Object.assign(new FakePublisher(), { ready: () => ready, window });
    publisher.answer = async () => {
      most = Math.max(most, (active += 1));
      await new Promise((soon) => setTimeout(soon, 2));
      active -= 1;
    };
    const relay = rig.anotherRelay(publisher);
    await relay.start(false);
    const all = Array.from({ length: 100 }, (_, index) => `n${index}`);
    const writer = rig.committer({ relay });
    for (const text of all) await writer.commit(note(text));
    expect([publisher.published.length, relay.underWay]).toEqual([0, 0]);
    ready = true;
    await eventually(async () => expect(await rig.outboxTexts()).toEqual([]), { withinMs: 20_000 });
    expect(texts(publisher.published).sort()).toEqual(all.sort());
    expect(most).toBeLessThanOrEqual(10);
    await relay.stop();
  });

  it('beyond its limits is a backlog, whose duration is reported while the publisher accepts messages', async () => {
    let ready = true;
    const publisher = Object.assign(new FakePublisher(), {
      ready: () => ready,
      window: { messages: 2, bytes: 1_000_000 },
    });
    const { settle } = held(publisher);
    const relay = rig.anotherRelay(publisher);
    await relay.start(false);
    const writer = rig.committer({ relay });
    for (const text of ['a', 'b']) await writer.commit(note(text));
    expect(relay.behindMs).toBe(0);
    await writer.commit(note('c'));
    await eventually(() => expect(relay.behindMs).toBeGreaterThan(50));
    ready = false;
    expect(relay.behindMs).toBe(0);
    ready = true;
    expect(relay.behindMs).toBeGreaterThan(50);
    await eventually(async () => {
      settle();
      expect(await rig.outboxTexts()).toEqual([]);
    });
    await eventually(() => expect(relay.behindMs).toBe(0));
    await relay.stop();
  });

  it('beyond its limit of bytes waits, too', async () => {
    const window = { messages: 1_000, bytes: 10_000 };
    const publisher = Object.assign(new FakePublisher(), { window });
    const { settle } = held(publisher);
    const relay = rig.anotherRelay(publisher);
    await relay.start(false);
    const writer = rig.committer({ relay });
    for (const text of ['a', 'b', 'c', 'd']) await writer.commit(note(text, [outgoing(text + 'x'.repeat(6_000))]));
    expect(relay.underWay).toBe(2);
    await eventually(async () => {
      settle();
      expect(await rig.outboxTexts()).toEqual([]);
    });
    await relay.stop();
  });
});

describe('a delayed message', () => {
  it('waits for its time, and is then sent even if no sweep was due', async () => {
    const slowlyPolling = rig.anotherRelay(rig.publisher, 60_000);
    const claims = jest.spyOn(rig.outbox, 'claim');
    await slowlyPolling.start(false);
    // Its first sweep is in progress; the next one would be a minute later.
    await eventually(() => expect(claims).toHaveBeenCalled());
    claims.mockRestore();
    const due = Date.now() + 300;
    await rig.committer({ relay: slowlyPolling }).commit(note('a', [outgoing('later', { notBefore: new Date(due) })]));
    expect(texts()).toEqual([]);
    await eventually(() => expect(texts()).toEqual(['later']), { withinMs: 5_000 });
    expect(Date.now()).toBeGreaterThanOrEqual(due);
    await slowlyPolling.stop();
    expect(await rig.outboxTexts()).toEqual([]);
  });

  it('is not sent early by a process that takes over another one’s entries', async () => {
    await rig.committer().commit(note('a', [outgoing('later', { notBefore: new Date(Date.now() + 60_000) })]));
    await leftBehind('now');
    await rig.relay.start(true);
    await eventually(() => expect(texts()).toEqual(['now']));
    await eventually(async () => expect(await rig.outboxTexts()).toEqual(['later']));
  });

  it('that is due is sent at once', async () => {
    await committer.commit(note('a', [outgoing('past', { notBefore: new Date(Date.now() - 1_000) })]));
    expect(texts()).toEqual(['past']);
  });
});

describe('the entries of a dead process', () => {
  it('are taken over at once in a store that no other process uses', async () => {
    await leftBehind('a', 'b');
    await rig.relay.start(true);
    await eventually(() => expect(texts().sort()).toEqual(['a', 'b']));
    await eventually(async () => expect(await rig.outboxTexts()).toEqual([]));
  });

  it('are taken over after their lease if other processes may be sending them', async () => {
    await leftBehind('a');
    const claimed = jest.spyOn(rig.outbox, 'claim');
    await rig.relay.start(false);
    await eventually(() => expect(claimed.mock.calls.length).toBeGreaterThan(3));
    claimed.mockRestore();
    expect(texts()).toEqual([]);
    await rig.endLeases();
    await eventually(() => expect(texts()).toEqual(['a']));
  });

  it('are all taken over, each by only one of several relays', async () => {
    const all = Array.from({ length: 200 }, (_, index) => `n${index}`);
    await leftBehind(...all);
    await rig.endLeases();
    const relays: [Relay, FakePublisher][] = [1, 2, 3].map(() => {
      const publisher = new FakePublisher();
      return [rig.anotherRelay(publisher), publisher];
    });
    await Promise.all(relays.map(([relay]) => relay.start(false)));
    await eventually(async () => expect(await rig.outboxTexts()).toEqual([]));
    await Promise.all(relays.map(([relay]) => relay.stop()));
    expect(relays.flatMap(([, publisher]) => texts(publisher.published)).sort()).toEqual(all.sort());
  });

  it('are distributed over concurrent claims, each message once', async () => {
    const all = Array.from({ length: 100 }, (_, index) => `n${index}`);
    await leftBehind(...all);
    await rig.endLeases();
    const claims = await Promise.all(Array.from({ length: 6 }, () => rig.outbox.claim(30)));
    expect(claims.every((claim) => claim.length <= 30)).toBe(true);
    const ids = claims.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect((await rig.outbox.claim(1_000)).length + ids.length).toBe(100);
  });
});

describe('stopping', () => {
  it('waits for messages in progress, and deletes them', async () => {
    const { settle } = held(rig.publisher);
    await committer.commit(note('a'));
    let stopped = false;
    const stopping = rig.relay.stop().then(() => (stopped = true));
    await new Promise((run) => setImmediate(run));
    expect(stopped).toBe(false);
    settle();
    await stopping;
    expect(await rig.outboxTexts()).toEqual([]);
  });

  it('keeps rejected messages in the outbox, and sends nothing more', async () => {
    const { fail } = held(rig.publisher);
    await committer.commit(note('a'));
    const stopping = rig.relay.stop();
    fail();
    await stopping;
    await committer.commit(note('b'));
    expect(texts()).toEqual(['a']);
    expect(await rig.outboxTexts()).toEqual(['a', 'b']);
  });
});

describe('the outbox', () => {
  it('reports how many messages wait, and for how long the oldest one has', async () => {
    expect(await rig.outbox.lag()).toEqual({ waiting: 0, oldestSeconds: 0 });
    await leftBehind('a', 'b');
    const { waiting, oldestSeconds } = await rig.outbox.lag();
    expect(waiting).toBe(2);
    expect(oldestSeconds).toBeLessThan(10);
  });

  it('keeps messages over the limit for a sweep', async () => {
    const { settle } = held(rig.publisher);
    const relay = new Relay({
      service: 'test',
      outbox: rig.outbox,
      publisher: rig.publisher,
      deadLetters: rig.deadLetters,
      sweepEveryMs: 10,
      window: { messages: 1, bytes: 1_000_000 },
    });
    const limited = rig.committer({ relay });
    await limited.commit(note('1'));
    await limited.commit(note('2'));
    expect(texts()).toEqual(['1']);
    settle();
    await eventually(async () => expect(await rig.outboxTexts()).toEqual(['2']));
    rig.publisher.answer = () => Promise.resolve();
    await rig.endLeases();
    await relay.start(false);
    await eventually(async () => expect(await rig.outboxTexts()).toEqual([]));
    await relay.stop();
  });
});
