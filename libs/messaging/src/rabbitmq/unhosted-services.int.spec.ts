import { Logger } from '@nestjs/common';
import { engine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { RabbitRig } from '../testing/rabbit-rig.js';
import { message } from '../testing/receiving-rig.js';
import { idsOf, NOTED, receiverOn } from '../testing/transport.suite.js';
import { work } from '../work.js';
import type { RabbitTransport } from './rabbitmq-transport.js';

const broker = engine('rabbitmq');
const done = work({ name: 'test' }, undefined, () => ({ value: undefined, messages: [] }));
const LIMIT = 5;
/** Queues are declared again, and messages counted, every 15 s. */
const counted = { withinMs: 40_000 };

(broker === undefined ? describe.skip : describe)('a service on RabbitMQ that was never hosted', () => {
  const rig = new RabbitRig(broker);
  beforeAll(() => Logger.overrideLogger(false));

  /** Fills the queue of `b`, which no process hosts, up to the limit; each message is sent separately. */
  async function filled(): Promise<RabbitTransport> {
    const transport = await rig.open({ unhostedLimit: LIMIT });
    for (let n = 0; n < LIMIT; n += 1) await rig.published(message(NOTED, { target: 'b' }), transport);
    expect(transport.state()).toEqual({ status: 'up' });
    await eventually(() => expect(transport.unhosted).toEqual(new Map([['b', LIMIT]])), counted);
    return transport;
  }

  it('keeps messages up to a limit: then commands stay with their sender, and events go to the others alone', async () => {
    const transport = await filled();
    expect(transport.state()).toEqual({ status: 'degraded', reason: expect.stringContaining('never hosted') });
    await expect(transport.publish(message(NOTED, { target: 'b' }))).rejects.toThrow(
      /b was never hosted, and 5 messages/,
    );
    const a = receiverOn(transport, 'a', () => done);
    const event = message(NOTED);
    await transport.publish(event);
    await eventually(() => expect(idsOf(a)).toContain(event.id));
    expect(await rig.inQueue('b')).toBe(LIMIT);
    expect(transport.unroutable).toBe(0);
  }, 90_000);

  it('gets what was kept when it is hosted, and everything from then on', async () => {
    const transport = await filled();
    const host = rig.transport({ unhostedLimit: LIMIT });
    await host.open();
    const b = receiverOn(host, 'b', () => done);
    await eventually(() => expect(idsOf(b)).toHaveLength(LIMIT));
    await eventually(() => expect(transport.state()).toEqual({ status: 'up' }), counted);
    const [command, event] = [message(NOTED, { target: 'b' }), message(NOTED)];
    await transport.publish(command);
    await transport.publish(event);
    await eventually(() => expect(idsOf(b)).toEqual(expect.arrayContaining([command.id, event.id])));
  }, 120_000);

  it('has no limit any more once it was hosted, also while it is away', async () => {
    const host = await rig.open({ unhostedLimit: LIMIT });
    const b = receiverOn(host, 'b', () => done);
    await rig.published(message(NOTED, { target: 'b' }), host);
    await eventually(() => expect(idsOf(b)).toHaveLength(1));
    await host.close();
    const transport = await rig.open({ unhostedLimit: LIMIT });
    for (let n = 0; n < 2 * LIMIT; n += 1) await rig.published(message(NOTED, { target: 'b' }), transport);
    const later = await rig.open({ unhostedLimit: LIMIT }); // Counts when it is opened.
    expect(later.unhosted).toEqual(new Map());
    const before = await rig.inQueue('b');
    expect(before).toBeGreaterThanOrEqual(2 * LIMIT);
    await later.publish(message(NOTED));
    expect(await rig.inQueue('b')).toBe(before + 1);
  }, 60_000);
});
