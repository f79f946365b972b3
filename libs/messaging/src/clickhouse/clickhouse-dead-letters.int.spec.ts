import { engine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { TcpProxy } from '@seam/persistence/testing';
import { ClickHouseRig } from '../testing/clickhouse-rig.js';
import { operator } from '../testing/dead-letter-actions.js';
import { describeDeadLetters } from '../testing/dead-letters.suite.js';
import { message } from '../testing/receiving-rig.js';

const server = engine('clickhouse');

(server ? describe : describe.skip)('ClickHouse', () => {
  describeDeadLetters('ClickHouse', () => ClickHouseRig.open(server!.url));

  describe('ClickHouseDeadLetters', () => {
    let rig: ClickHouseRig;
    beforeAll(async () => {
      rig = await ClickHouseRig.open(server!.url);
    });
    beforeEach(() => rig.clear());
    afterAll(() => rig.close());

    it('keeps a letter that could not be redriven', async () => {
      const dead = message('test.noted.v1');
      await rig.deadLetters.store(dead, 'test/a', 'no', 1);
      rig.publisher.answer = () => Promise.reject(new Error('the broker is away'));
      await expect(rig.deadLetters.redrive(dead.id, operator)).rejects.toThrow('the broker is away');
      expect(await rig.deadLetters.count()).toBe(1);
    });

    it('does not make an operator wait for a slow receiver, and does not send twice meanwhile', async () => {
      const dead = message('test.noted.v1');
      await rig.deadLetters.store(dead, 'test/a', 'no', 1);
      let taken!: () => void;
      rig.publisher.answer = () => new Promise((resolve) => (taken = resolve));
      await rig.deadLetters.redrive(dead.id, operator);
      await expect(rig.deadLetters.redrive(dead.id, operator)).rejects.toMatchObject({ code: 'DEAD_LETTER.UNDER_WAY' });
      expect(await rig.deadLetters.count()).toBe(1);
      taken();
      await eventually(async () => expect(await rig.deadLetters.count()).toBe(0));
      expect(rig.publisher.published).toHaveLength(1);
    });

    it('does not report a letter as missing if it could not be looked up', async () => {
      const proxy = await TcpProxy.before(server!.url);
      const cutOff = await ClickHouseRig.open(proxy.url);
      const dead = message('test.noted.v1');
      await expect(cutOff.deadLetters.redrive(dead.id, operator)).rejects.toMatchObject({
        code: 'DEAD_LETTER.NOT_FOUND',
      });
      proxy.swallowAnswers();
      await expect(cutOff.deadLetters.redrive(dead.id, operator)).rejects.toMatchObject({ code: 'STORE.UNAVAILABLE' });
      proxy.letThrough();
      await cutOff.close();
      await proxy.close();
    });

    it('keeps the letter of a message that failed again during its redrive', async () => {
      const dead = message('test.noted.v1');
      await rig.deadLetters.store(dead, 'test/a', 'no', 1);
      rig.publisher.answer = () => rig.deadLetters.store(dead, 'test/a', 'still no', 2);
      await rig.deadLetters.redrive(dead.id, operator);
      expect(await rig.deadLetters.list(10)).toMatchObject([{ reason: 'still no', attempts: 3 }]);
    });
  });
});
