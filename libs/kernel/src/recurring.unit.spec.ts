import { jest } from '@jest/globals';
import { Recurring } from './recurring.js';

let lines: string[];
let recurring: Recurring;
const log = { warn: (line: string) => lines.push(line), log: (line: string) => lines.push(line) };

beforeEach(() => {
  jest.useFakeTimers();
  lines = [];
  recurring = new Recurring(log, { what: 'messages were late' });
});
afterEach(() => jest.useRealTimers());

it('logs a failure when it begins, and its count after a time without it', () => {
  for (let n = 0; n < 1_000; n += 1) {
    recurring.happened(`message ${n} is late`);
    jest.advanceTimersByTime(100);
  }
  expect(lines).toEqual(['message 0 is late']);
  jest.advanceTimersByTime(10_000);
  expect(lines).toEqual(['message 0 is late', '1000 messages were late in 99.9 s']);
});

it('logs one line for a failure that happens once, and another one for the next failure', () => {
  recurring.happened('a');
  jest.advanceTimersByTime(10_000);
  recurring.happened('b');
  recurring.happened('c');
  recurring.end();
  jest.advanceTimersByTime(10_000);
  expect(lines).toEqual(['a', 'b', '2 messages were late in 0.0 s']);
});

it('logs reminders of a failure that lasts, if configured, also after pauses shorter than the quiet time', () => {
  recurring = new Recurring(log, { what: 'tries failed', quietMs: 50_000, remindMs: 60_000 });
  for (let n = 0; n < 13; n += 1) {
    recurring.happened('away');
    jest.advanceTimersByTime(10_000);
  }
  jest.advanceTimersByTime(50_000);
  expect(lines).toEqual(['away', 'away (7 times so far)', 'away (13 times so far)', '13 tries failed in 120.0 s']);
});
