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

it('tells a trouble as it begins, and its count when it has been quiet for a while', () => {
  for (let n = 0; n < 1_000; n += 1) {
    recurring.happened(`message ${n} is late`);
    jest.advanceTimersByTime(100);
  }
  expect(lines).toEqual(['message 0 is late']);
  jest.advanceTimersByTime(10_000);
  expect(lines).toEqual(['message 0 is late', '1000 messages were late in 99.9 s']);
});

it('tells of one that happens once in one line, and of the next one anew', () => {
  recurring.happened('a');
  jest.advanceTimersByTime(10_000);
  recurring.happened('b');
  recurring.happened('c');
  recurring.end();
  jest.advanceTimersByTime(10_000);
  expect(lines).toEqual(['a', 'b', '2 messages were late in 0.0 s']);
});

it('tells of one that lasts again, where it is to be reminded of, and not while it pauses for less than it is quiet', () => {
  recurring = new Recurring(log, { what: 'tries failed', quietMs: 50_000, remindMs: 60_000 });
  for (let n = 0; n < 13; n += 1) {
    recurring.happened('away');
    jest.advanceTimersByTime(10_000);
  }
  jest.advanceTimersByTime(50_000);
  expect(lines).toEqual(['away', 'away (7 times so far)', 'away (13 times so far)', '13 tries failed in 120.0 s']);
});
