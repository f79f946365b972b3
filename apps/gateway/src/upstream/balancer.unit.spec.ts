import type { Instance } from '@seam/discovery';
import { defaultLimits } from '../limits.js';
import { Balancer } from './balancer.js';

const at = (...ports: number[]): readonly Instance[] =>
  ports.map((port) => ({ id: `one-${port}`, url: `http://127.0.0.1:${port}` }));

let known: readonly Instance[];
let balancer: Balancer;

beforeEach(() => {
  known = at(1, 2, 3);
  balancer = new Balancer('one', { instances: () => known }, defaultLimits);
});

afterEach(() => balancer.close());

const picked = (times = 200): Set<string | undefined> =>
  new Set(Array.from({ length: times }, () => balancer.pick()?.instance.id));

it('uses every instance, and returns none if there is none', () => {
  expect(picked()).toEqual(new Set(['one-1', 'one-2', 'one-3']));
  known = [];
  expect(balancer.pick()).toBeUndefined();
});

it('prefers instances with fewer calls in progress', () => {
  for (let n = 0; n < 300; n += 1) balancer.pick()!.inFlight += 1;
  const loads = balancer.all.map(({ inFlight }) => inFlight);
  expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(6);
});

it('skips an instance that refused a connection, unless all did', () => {
  const [first, second, third] = balancer.all;
  first!.skip();
  expect(picked()).toEqual(new Set(['one-2', 'one-3']));
  second!.skip();
  third!.skip();
  expect(picked()).toEqual(new Set(['one-1', 'one-2', 'one-3']));
});

it('returns another instance for a second attempt, or the only one if it is not skipped', () => {
  const [first] = balancer.all;
  for (let n = 0; n < 50; n += 1) expect(balancer.pick(first)?.instance.id).not.toBe('one-1');
  known = at(1);
  const [only] = balancer.all;
  expect(balancer.pick(only)).toBe(only);
  only!.skip();
  expect(balancer.pick(only)).toBeUndefined();
  expect(balancer.pick()).toBe(only);
});

it('returns a skipped instance for a second attempt if there is no better one', () => {
  known = at(1, 2);
  const [first, second] = balancer.all;
  first!.skip();
  second!.skip();
  expect(balancer.pick(first)).toBe(second);
});

it('keeps the state of an instance while others are added and removed', () => {
  const [, second] = balancer.all;
  second!.inFlight = 7;
  known = at(2, 4);
  expect(balancer.all.map(({ instance, inFlight }) => [instance.id, inFlight])).toEqual([
    ['one-2', 7],
    ['one-4', 0],
  ]);
});
