import { Logger } from '@nestjs/common';
import { type Message, newId } from '@seam/kernel';
import type { EmbeddedPostgres } from '@seam/persistence';
import { eventually } from '@seam/testing';
import { startTestServer } from '../../../persistence/src/testing/index.js';
import { Consumer } from '../consumer.js';
import { InProcessBroker } from '../in-process/in-process-broker.js';
import { MessagingRig, note, outgoing } from '../testing/messaging-rig.js';
import { message, patience } from '../testing/receiving-rig.js';
import { PostgresDeadLetters } from './dead-letters.js';

let server: EmbeddedPostgres;
let rig: MessagingRig;
let deadLetters: PostgresDeadLetters;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestServer();
  rig = await MessagingRig.open(server, 'dead');
  deadLetters = new PostgresDeadLetters(rig.database.pool);
});
beforeEach(() => rig.clear());
afterAll(async () => {
  await rig.relay.stop();
  await rig.database.close();
  await server.stop();
});

const all = async (): Promise<object[]> => (await deadLetters.list(10)).map(({ diedAt: _, ...letter }) => letter);

describe('a dead letter', () => {
  it('is kept whole with its reason; one that dies again keeps the latest, and counts all attempts', async () => {
    const dead = message('test.noted.v1', { data: { text: 'ünï ☃ 🫖' } });
    await deadLetters.bury(dead, 'test/a', 'first', 3);
    await deadLetters.bury(dead, 'test/a', 'second', 2);
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
    const [row] = await rig.database.query<{ message: Message }>('select message from dead_letter');
    expect(row?.message).toEqual({ ...dead, target: 'test' });
  });

  it('can be kept whatever its reason and its data say', async () => {
    const dead = message('test.noted.v1', { data: { text: 'nul \u0000, half \ud83e' } });
    await deadLetters.bury(dead, 'test/a', 'nul \u0000, half \ud83e', 1);
    await deadLetters.bury(message('test.noted.v1'), 'test/a', 'x'.repeat(100_000), 1);
    expect(await all()).toHaveLength(2);
  });

  it('can be sent on whatever its data say', async () => {
    const dead = message('test.noted.v1', { data: { text: 'nul \u0000, half \ud83e' } });
    await deadLetters.bury(dead, 'test/a', 'no', 1);
    await deadLetters.redrive(dead.id);
    await rig.relay.start(false);
    await eventually(() => expect(rig.publisher.published).toEqual([{ ...dead, target: 'test' }]));
  });

  it('is found by nobody under an id that is none', async () => {
    const notFound = { code: 'DEAD_LETTER.NOT_FOUND' };
    await expect(deadLetters.redrive(newId())).rejects.toMatchObject(notFound);
    await expect(deadLetters.redrive('moon')).rejects.toMatchObject(notFound);
  });

  it('sent on again leaves under its own id, once, for the service that gave it up', async () => {
    const dead = message('test.noted.v1', { data: { text: 'again' } });
    await deadLetters.bury(dead, 'test/a', 'no', 1);
    await deadLetters.bury(dead, 'test/b', 'no', 1);
    await deadLetters.redrive(dead.id);
    expect(await all()).toEqual([]);
    await rig.relay.start(false);
    await eventually(() => expect(rig.publisher.published).toEqual([{ ...dead, target: 'test' }]));
    await eventually(async () => expect(await rig.outboxIds()).toEqual([]));
  });

  it('that died again, and is still in the outbox from being sent on, is kept until it can be', async () => {
    const dead = message('test.noted.v1');
    await deadLetters.bury(dead, 'test/a', 'no', 1);
    await deadLetters.redrive(dead.id);
    await deadLetters.bury(dead, 'test/a', 'still no', 1);
    const underWay = { kind: 'conflict', code: 'DEAD_LETTER.UNDER_WAY' };
    await expect(deadLetters.redrive(dead.id)).rejects.toMatchObject(underWay);
    expect(await all()).toMatchObject([{ reason: 'still no' }]);
    await rig.outbox.dispatched([dead.id]);
    await deadLetters.redrive(dead.id);
    expect(await rig.outboxIds()).toEqual([dead.id]);
    expect(await all()).toEqual([]);
  });
});

describe('a poison message, from its sender to its end', () => {
  it('is given up on, sent on by an operator once it can be handled, and handled once by each', async () => {
    const broker = new InProcessBroker();
    const committer = rig.committer();
    const relay = rig.anotherRelay(broker);
    let healed = false;
    for (const service of ['sick', 'sound']) {
      const strategy = broker.receiverFor(service);
      strategy.bind(new Consumer({ service, committer, deadLetters, retries: patience }));
      const handle = (): unknown => {
        if (service === 'sick' && !healed) throw new Error('poison');
        return note(`by ${service}`, []);
      };
      strategy.addHandler('test.noted.v1', (() => Promise.resolve().then(handle)) as never, true, {
        handler: `${service}/noted`,
      });
      strategy.listen(() => undefined);
    }
    await relay.start(true);
    await rig.committer({ relay }).commit(note('a', [outgoing('a')]));
    await eventually(async () =>
      expect(await all()).toMatchObject([{ handler: 'sick/noted', reason: 'poison', attempts: 3 }]),
    );
    await eventually(async () => expect(await rig.outboxIds()).toEqual([]));
    const [letter] = await deadLetters.list(1);
    healed = true;
    await deadLetters.redrive(letter!.messageId);
    await eventually(async () => expect((await rig.notes()).sort()).toEqual(['a', 'by sick', 'by sound']));
    await relay.stop();
    expect(await all()).toEqual([]);
    expect(await rig.marks()).toBe(2);
  });
});
