import { totalmem } from 'node:os';
import { memoryLimit, ownMemory } from './memory.js';
import { Metrics } from './metrics.js';

it('counts private memory, without the mapped program', () => {
  expect(ownMemory()).toBeGreaterThan(10 * 2 ** 20);
  expect(ownMemory()).toBeLessThanOrEqual(process.memoryUsage.rss());
  const before = ownMemory();
  const filled = Buffer.alloc(64 * 2 ** 20, 1);
  expect(ownMemory() - before).toBeGreaterThan(filled.length / 2);
});

it('has a limit on every machine, at most its memory', () => {
  expect(memoryLimit()).toBeGreaterThan(ownMemory());
  expect(memoryLimit()).toBeLessThanOrEqual(totalmem());
});

it('shows both', async () => {
  const shown = await new Metrics().text();
  for (const name of ['seam_memory_bytes', 'seam_memory_limit_bytes'])
    expect(shown).toMatch(new RegExp(`^${name} \\d+`, 'm'));
});
