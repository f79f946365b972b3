import { Logger } from '@nestjs/common';
import { canStart, engine, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { TcpProxy } from '@seam/persistence/testing';
import type { Committer } from '../committer.js';
import { Relay } from '../relay.js';
import { cause, deadRelay, FakePublisher, note, outgoing, textsOf } from '../testing/notes.js';
import { MongoRig } from '../testing/mongo-rig.js';

const mongo = engine('mongodb');
const unavailable = { name: 'StoreAwayError', code: 'STORE.UNAVAILABLE', kind: 'unavailable' };
const outcome = <T>(promise: Promise<T>): Promise<unknown> => promise.catch((error: unknown) => error);

beforeAll(() => Logger.overrideLogger(false));

(mongo ? describe : describe.skip)('on MongoDB, a connection that breaks', () => {
  let proxy: TcpProxy;
  let rig: MongoRig;
  /** A second rig that does not use the proxy, so that its connection never breaks. */
  let sound: MongoRig;
  beforeAll(async () => {
    proxy = await TcpProxy.before(mongo!.url);
    rig = await MongoRig.open(proxy.url, 'faults');
    sound = await rig.besides(mongo!.url);
  });
  beforeEach(() => sound.clear());
  afterAll(async () => {
    await proxy.close();
    await rig.close();
    await sound.close();
  });

  /** Runs `work` so that it reaches the server, but its answer is lost. */
  async function lost<T>(committer: Committer, text: string, work: () => Promise<T>): Promise<unknown> {
    await eventually(() => committer.commit(note(`before ${text}`, [])), { withinMs: 20_000 });
    proxy.swallowAnswers();
    try {
      const answer = outcome(work());
      await eventually(async () => expect(await sound.notes()).toContain(text));
      proxy.cut();
      return await answer;
    } finally {
      proxy.letThrough();
    }
  }

  it('after the server has written is an outage for a caller; a repeated message finds its mark', async () => {
    const from = cause();
    const committer = rig.committer({ relay: deadRelay });
    expect(await lost(committer, 'asked', () => committer.commit(note('asked')))).toMatchObject(unavailable);
    expect(await lost(committer, 'told', () => committer.handle(note('told'), from))).toMatchObject(unavailable);
    expect(await eventually(() => committer.handle(note('told'), from), { withinMs: 20_000 })).toBe('duplicate');
    expect((await sound.notes()).sort()).toEqual(['asked', 'before asked', 'before told', 'told']);
  });

  it('after the server has written leaves the messages to a sweep', async () => {
    const committer = rig.committer({ relay: deadRelay });
    await lost(committer, 'a', () => committer.commit(note('a')));
    const publisher = new FakePublisher();
    const relay = new Relay({
      service: 'test',
      outbox: sound.outbox,
      publisher,
      deadLetters: sound.deadLetters,
      sweepEveryMs: 10,
    });
    await sound.endLeases();
    await relay.start(false);
    await eventually(async () => expect(await sound.outboxTexts()).toEqual([]));
    await relay.stop();
    expect(textsOf(publisher.published)).toEqual(['a']);
  });

  it('repeatedly never repeats or loses a message’s effect, and every work gets a result', async () => {
    const committer = rig.committer({ relay: deadRelay });
    const causes = Array.from({ length: 60 }, () => cause());
    const cutter = setInterval(() => proxy.cut(), 1_500);
    const answers = await Promise.all(
      causes.map(async (from, index) => {
        await new Promise((run) => setTimeout(run, index * 80));
        await outcome(committer.handle(note(`n${index}`), from));
        return eventually(() => committer.handle(note(`n${index}`), from), { withinMs: 30_000 });
      }),
    ).finally(() => clearInterval(cutter));
    expect(new Set(answers).size).toBeLessThanOrEqual(2);
    expect((await sound.notes()).sort()).toEqual(causes.map((_, index) => `n${index}`).sort());
    expect(await sound.outboxTexts()).toHaveLength(60);
  });
});

(canStart('mongodb') ? describe : describe.skip)('on MongoDB, a server that is killed under load', () => {
  let own: OwnEngine;
  let rig: MongoRig;
  beforeAll(async () => {
    own = await ownEngine('mongodb');
    rig = await MongoRig.open(own.url, 'killed');
  });
  afterAll(async () => {
    await rig.close();
    await own.remove();
  });

  it('and restarted has everything that was answered, once, and every message is sent', async () => {
    const publisher = new FakePublisher();
    const relay = new Relay({
      service: 'test',
      outbox: rig.outbox,
      publisher,
      deadLetters: rig.deadLetters,
      sweepEveryMs: 20,
    });
    await relay.start(false);
    const committer = rig.committer({ relay });
    const answered: string[] = [];
    let loading = true;
    const load = Array.from({ length: 8 }, async (_, client) => {
      for (let n = 0; loading; n += 1) {
        const from = cause();
        const text = `${client}/${n}`;
        // Retries during an outage, as the consumer does.
        await eventually(() => committer.handle(note(text, [outgoing(text)]), from), { withinMs: 60_000 });
        answered.push(text);
      }
    });
    for (let kill = 0; kill < 2; kill += 1) {
      const before = answered.length;
      await eventually(() => expect(answered.length).toBeGreaterThan(before + 20), { withinMs: 30_000 });
      await own.kill();
      await own.start();
    }
    const before = answered.length;
    await eventually(() => expect(answered.length).toBeGreaterThan(before + 20), { withinMs: 30_000 });
    loading = false;
    await Promise.all(load);
    expect((await rig.notes()).sort()).toEqual(answered.sort());
    await rig.endLeases();
    await eventually(async () => expect(await rig.outboxTexts()).toEqual([]), { withinMs: 30_000 });
    await relay.stop();
    expect(new Set(textsOf(publisher.published))).toEqual(new Set(answered));
  }, 180_000);
});
