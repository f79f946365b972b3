import { DrainRegistry } from './drain.js';

it('drains all at once, names those that are busy, and closes afterwards', async () => {
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

it('waits for the others before it rejects with a failure', async () => {
  const registry = new DrainRegistry();
  const ended: string[] = [];
  registry.add({ name: 'failing', drain: () => Promise.reject(new Error('no')) });
  registry.add({ name: 'fine', drain: () => Promise.resolve().then(() => void ended.push('fine')) });
  await expect(registry.drain(1_000)).rejects.toThrow('no');
  expect(ended).toEqual(['fine']);
});

it('closes a resource that was still opening once it is open, and ignores one that failed to open', async () => {
  const registry = new DrainRegistry();
  const closed: string[] = [];
  let opened = (_: string): void => undefined;
  const opening = registry.addOpening('late', new Promise<string>((resolve) => (opened = resolve)), (resource) => {
    closed.push(resource);
  });
  const failing = registry.addOpening('failing', Promise.reject(new Error('no')), () => void closed.push('failing'));
  await expect(failing).rejects.toThrow('no');
  const closing = registry.close();
  expect(closed).toEqual([]);
  opened('late');
  await closing;
  expect(await opening).toBe('late');
  expect(closed).toEqual(['late']);
});

it('rejects if an opened resource cannot be closed', async () => {
  const registry = new DrainRegistry();
  await registry.addOpening('stuck', Promise.resolve(), () => Promise.reject(new Error('stuck')));
  await expect(registry.close()).rejects.toThrow('stuck');
});
