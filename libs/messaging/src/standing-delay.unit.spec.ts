import { StandingDelay } from './standing-delay.js';

let now: number;
let delay: StandingDelay;

beforeEach(() => {
  now = 0;
  delay = new StandingDelay(() => now);
});

const observe = (...delays: number[]): void => {
  for (const each of delays) {
    delay.observe(each, 5);
    now += 100;
  }
};

it('is the shortest of the last interval', () => {
  observe(900, 800, 700, 950, 900);
  expect(delay.ms).toBe(700);
});

it('does not count a single late message', () => {
  observe(0, 60_000, 5, 60_000, 0);
  expect(delay.ms).toBe(0);
});

it('is 0 if too few messages arrive', () => {
  for (let one = 0; one < 19; one += 1, now += 25) delay.observe(900);
  now = 500;
  expect(delay.ms).toBe(0);
});

it('is 0 if no more messages arrive, and for a clock that is behind', () => {
  observe(900, 900, 900, 900, 900);
  expect(delay.ms).toBe(900);
  now += 1_000;
  expect(delay.ms).toBe(0);
  observe(-300, -200, -300, -300, -100);
  expect(delay.ms).toBe(0);
});
