import { noOutbox } from './no-outbox.js';

test('the outbox of a service that sends nothing returns nothing, and has no lag', async () => {
  await noOutbox.adopt();
  await noOutbox.markDispatched(['a']);
  expect(await noOutbox.claim(10)).toEqual([]);
  expect(await noOutbox.lag()).toEqual({ waiting: 0, oldestSeconds: 0 });
});
