import { freePort, freeRange } from './free-port.js';

it('gives no port twice, as each is used only later', async () => {
  // The system has some 28,000 to choose from, and chooses at random: twice the same among 1,000 is nearly certain.
  const ports = await Promise.all(Array.from({ length: 1_000 }, () => freePort()));
  for (let n = 0; n < 1_000; n += 1) ports.push(await freePort());
  expect(new Set(ports).size).toBe(ports.length);
});

it('gives consecutive ports', async () => {
  const first = await freeRange(3);
  expect(await Promise.all([first, first + 1, first + 2].map((port) => freePort(port)))).toEqual([
    first,
    first + 1,
    first + 2,
  ]);
});
