import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { PaymentProvider } from '../ports/payment-provider.js';
import { ProviderCalls } from './provider-calls.js';

const noKeys = { tokenOf: () => Promise.resolve(undefined) };

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

it('logs an outage of the provider in two lines, however many calls fail', async () => {
  jest.useFakeTimers();
  const lines: unknown[] = [];
  const note = (line: unknown): void => void lines.push(line);
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(note);
  jest.spyOn(Logger.prototype, 'log').mockImplementation(note);
  const away: Pick<PaymentProvider, 'ask'> = { ask: () => Promise.reject(new Error('no answer')) };
  const calls = new ProviderCalls(away as PaymentProvider, noKeys);
  const asked = await Promise.all(Array.from({ length: 200 }, (_, order) => calls.ask(`order-${order}`)));
  expect(new Set(asked.map(({ type }) => type))).toEqual(new Set(['unclear']));
  jest.advanceTimersByTime(10_000);
  expect(lines).toEqual([
    'ask order-0: failed, so its outcome is unknown: Error: no answer',
    '200 calls whose outcome is unknown in 0.0 s',
  ]);
});
