import { failedAttempt } from '../failure.js';
import { attemptsHeader, attemptsOf } from './wire.js';

const attempts = Array.from({ length: 20 }, (_, index) => failedAttempt(index + 1, undefined, '☃'.repeat(400)));
const received = (headers: Record<string, unknown>): Parameters<typeof attemptsOf>[0] =>
  ({ properties: { headers } }) as Parameters<typeof attemptsOf>[0];

it('carries the first attempt and as many of the latest ones as fit into 4 KiB', () => {
  const headers = attemptsHeader(attempts);
  expect(Object.values(headers).map((value) => Buffer.byteLength(value) <= 4_096)).toEqual([true]);
  const carried = attemptsOf(received(headers)).map(({ attempt }) => attempt);
  expect(carried.length).toBeGreaterThan(2);
  expect([carried[0], carried.at(-1)]).toEqual([1, 20]);
});

it('carries all attempts if they are short, and no header if there is none', () => {
  const short = attempts.slice(0, 3);
  expect(attemptsOf(received(attemptsHeader(short)))).toEqual(short);
  expect(attemptsHeader([])).toEqual({});
});

it.each([{}, { 'x-seam-attempts': 7 }, { 'x-seam-attempts': '{"broken' }, { 'x-seam-attempts': '{"attempt":"a"}' }])(
  'reads %j as no attempt',
  (headers) => {
    expect(attemptsOf(received(headers))).toEqual([]);
  },
);
