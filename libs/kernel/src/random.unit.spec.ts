import { newId } from './ids.js';
import { takeRandom } from './random.js';

it('gives out as many bytes as asked for, and none twice', () => {
  const seen = new Set(Array.from({ length: 2_000 }, () => takeRandom(16).toString('hex')));
  expect(seen.size).toBe(2_000);
  expect([...seen].every((hex) => hex.length === 32)).toBe(true);
});

it('makes ids that sort as they were made, also within a millisecond', () => {
  const ids = Array.from({ length: 20_000 }, newId);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
