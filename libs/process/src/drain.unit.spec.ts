import { DrainRegistry } from './drain.js';

it('drains all at once, tells who is busy, and closes afterwards', async () => {
  const registry = new DrainRegistry();
  let end = (): void => undefined;
  registry.add({ name: 'slow', drain: () => new Promise((resolve) => (end = resolve)) });
  registry.add({ name: 'quick', drain: () => Promise.resolve() });
  const drained = registry.drain(1_000);
  await Promise.resolve();
  await Promise.resolve();
  expect(registry.busy).toContain('slow');
  end();
  await drained;
  expect(registry.busy).toEqual([]);
});

it('lets the others end before it tells of one that failed', async () => {
  const registry = new DrainRegistry();
  const ended: string[] = [];
  registry.add({ name: 'failing', drain: () => Promise.reject(new Error('no')) });
  registry.add({ name: 'fine', drain: () => Promise.resolve().then(() => void ended.push('fine')) });
  await expect(registry.drain(1_000)).rejects.toThrow('no');
  expect(ended).toEqual(['fine']);
});
