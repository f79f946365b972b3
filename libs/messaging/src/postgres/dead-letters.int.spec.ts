import { Logger } from '@nestjs/common';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { eventually } from '@seam/testing';
import { startTestServer } from '@seam/persistence/testing';
import { Consumer } from '../consumer.js';
import { InProcessBroker } from '../in-process/in-process-broker.js';
import { operator } from '../testing/dead-letter-actions.js';
import { describeDeadLetters } from '../testing/dead-letters.suite.js';
import { MessagingRig, note, outgoing } from '../testing/messaging-rig.js';
import { fastRetries } from '../testing/receiving-rig.js';
import type { Work } from '../work.js';
import type { PostgresDeadLetters } from './dead-letters.js';

let server: EmbeddedPostgres;
let rig: MessagingRig;
let deadLetters: PostgresDeadLetters;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestServer();
  rig = await MessagingRig.open(server, 'dead');
  deadLetters = rig.deadLetters;
});
beforeEach(() => rig.clear());
afterAll(async () => {
  await rig.relay.stop();
  await rig.database.close();
  await server.stop();
});

const all = async (): Promise<object[]> => (await deadLetters.list(10)).map(({ diedAt: _, ...letter }) => letter);

describeDeadLetters('PostgreSQL', () => MessagingRig.open(server, 'letters'));

describe('a message that always fails, from its sender to its end', () => {
  it('becomes a dead letter, is redriven by an operator, and is handled once by each receiver', async () => {
    const broker = new InProcessBroker();
    const committer = rig.committer();
    const relay = rig.anotherRelay(broker);
    let healed = false;
    for (const service of ['sick', 'sound']) {
      const strategy = broker.receiverFor(service);
      const invoke = (): Work => {
        if (service === 'sick' && !healed) throw new Error('poison');
        return note(`by ${service}`, []);
      };
      const consumer = new Consumer({ service, committer, deadLetters, retries: fastRetries });
      strategy.bind(consumer, new Map([['test.noted.v1', { handler: `${service}/noted`, invoke }]]));
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
    await deadLetters.redrive(letter!.messageId, operator);
    await eventually(async () => expect((await rig.notes()).sort()).toEqual(['a', 'by sick', 'by sound']));
    await relay.stop();
    expect(await all()).toEqual([]);
    expect(await rig.marks()).toBe(2);
  });
});
