import type { Message } from '@seam/kernel';
import { message } from './testing/receiving-rig.js';
import { UnsentMessages } from './unsent-messages.js';

const at = (minute: number): string => `2026-01-01T10:0${minute}:00.000Z`;
const command = (minute: number): Message => message('a.do.v1', { kind: 'command', target: 'a', at: at(minute) });

it('counts messages by type and receiver, with the most attempts, the oldest, and the last reason', () => {
  const unsent = new UnsentMessages();
  expect(unsent.groups()).toEqual([]);
  const [first, second] = [command(2), command(1)];
  unsent.failed(message('b.done.v1', { at: at(3) }), 'no exchange');
  unsent.failed(first, new Error('full'));
  unsent.failed(first, new Error('still full'));
  unsent.failed(second, new Error('x'.repeat(1_000)));
  expect(unsent.groups()).toEqual([
    { type: 'a.do.v1', target: 'a', count: 2, attempts: 2, oldest: at(1), reason: 'x'.repeat(500) },
    { type: 'b.done.v1', target: undefined, count: 1, attempts: 1, oldest: at(3), reason: 'no exchange' },
  ]);
  unsent.finished(second.id);
  expect(unsent.groups()[0]).toMatchObject({ count: 1, oldest: at(2), reason: 'still full' });
});

it('forgets what another process must have sent, and the longest-untried of very many', () => {
  const unsent = new UnsentMessages();
  for (let n = 0; n < 10_010; n += 1) unsent.failed(command(1), 'full');
  expect(unsent.groups()[0]?.count).toBe(10_000);
  expect(unsent.groups(Date.now() + 61_000)).toEqual([]);
});
