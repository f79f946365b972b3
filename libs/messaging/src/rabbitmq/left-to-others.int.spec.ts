import { Logger } from '@nestjs/common';
import { engine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { PermanentError } from '../retry-policy.js';
import { RabbitRig } from '../testing/rabbit-rig.js';
import { fastRetries, message } from '../testing/receiving-rig.js';
import { idsOf, NOTED, receiverOn } from '../testing/transport.suite.js';
import { work } from '../work.js';

const broker = engine('rabbitmq');
const done = work({ name: 'test' }, undefined, () => ({ value: undefined, messages: [] }));
const retries = { ...fastRetries, elsewhereMs: 60_000 };

(broker === undefined ? describe.skip : describe)('two versions of a service on one queue of RabbitMQ', () => {
  const rig = new RabbitRig(broker);
  beforeAll(() => Logger.overrideLogger(false));

  it('leave to the newer one what the older one does not know', async () => {
    const unknown = Object.assign(new PermanentError('of a later version'), { knownElsewhere: true });
    let refused = 0;
    const refuse = (): never => {
      refused += 1;
      throw unknown;
    };
    const old = receiverOn(await rig.open(), 'b', refuse, retries);
    const transport = await rig.open();
    const sent = Array.from({ length: 10 }, () => message(NOTED, { target: 'b' }));
    await eventually(async () => {
      await Promise.all(sent.map((each) => transport.publish(each)));
    });
    await eventually(() => expect(refused).toBeGreaterThan(9));
    const later = receiverOn(await rig.open(), 'b', () => done, retries);
    await eventually(() => expect(idsOf(later)).toEqual(sent.map(({ id }) => id).sort()), { withinMs: 40_000 });
    expect([...old.deadLetters.letters, ...later.deadLetters.letters]).toEqual([]);
  });
});
