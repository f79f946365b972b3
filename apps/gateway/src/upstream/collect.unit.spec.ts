import { jest } from '@jest/globals';
import { CodedError } from '@seam/kernel';
import { ask } from './collect.js';
import type { Target } from './target.js';

afterEach(() => jest.useRealTimers());

it('leaves no timer running after a call that fails before it returns', async () => {
  jest.useFakeTimers();
  const refused = new CodedError('unavailable', 'GATEWAY.BREAKER_OPEN', 'refused');
  const target = {
    name: 'orders',
    send: (_call: unknown, sink: { failed(error: CodedError): void }) => {
      sink.failed(refused);
      return () => undefined;
    },
  } as unknown as Target;
  await expect(ask(target, { path: '/orders', withinMs: 3_000 })).rejects.toBe(refused);
  expect(jest.getTimerCount()).toBe(0);
});
