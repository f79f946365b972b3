import { connect } from 'node:net';
import { canStart, engine, ownEngine } from './engines.js';
import { ENGINES, type EngineName } from './engine-catalog.js';

const accepts = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  });

describe.each(ENGINES)('%s', (name: EngineName) => {
  const found = engine(name);
  (found ? test : test.skip)('is available, and the same for every caller', async () => {
    expect(await accepts(found!.url)).toBe(true);
    expect(engine(name)).toEqual(found);
  });
});

(canStart('redis') ? test : test.skip)('an engine of its own can be stopped and started again', async () => {
  const own = await ownEngine('redis');
  try {
    expect(own.url).not.toBe(engine('redis')?.url);
    await own.kill();
    expect(await accepts(own.url)).toBe(false);
    await own.start();
    expect(await accepts(own.url)).toBe(true);
  } finally {
    await own.remove();
  }
});
