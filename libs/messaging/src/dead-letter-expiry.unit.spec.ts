import { Logger } from '@nestjs/common';
import { DeadLetterExpiry } from './dead-letter-expiry.js';

const now = new Date('2026-06-10T12:00:00.000Z');
const expiry = (answers: number[], keepDays = 90): { expiry: DeadLetterExpiry; asked: [Date, number][] } => {
  const asked: [Date, number][] = [];
  const expire = (before: Date, limit: number): Promise<{ letters: number; actions: number }> => {
    asked.push([before, limit]);
    const letters = answers.shift();
    return letters === undefined ? Promise.reject(new Error('no')) : Promise.resolve({ letters, actions: 0 });
  };
  return { expiry: new DeadLetterExpiry({ service: 'test', deadLetters: { expire }, keepDays }), asked };
};

beforeAll(() => Logger.overrideLogger(false));

it('deletes what is older than it may be, portion by portion until nothing is left', async () => {
  const { expiry: deleting, asked } = expiry([1_000, 1_000, 3]);
  await deleting.expire(now);
  expect(asked).toEqual(Array.from({ length: 3 }, () => [new Date('2026-03-12T12:00:00.000Z'), 1_000]));
});

it('tries again later after a failure', async () => {
  const { expiry: deleting, asked } = expiry([1_000]);
  await deleting.expire(now);
  expect(asked).toHaveLength(2);
});

it('ends early if the process stops', async () => {
  const { expiry: deleting, asked } = expiry([1_000, 1_000]);
  deleting.start();
  await deleting.stop();
  await deleting.expire(now);
  expect(asked).toEqual([]);
});
