import { createServer } from 'node:net';

/** The ports that this process has got: the system may choose one again as soon as it is closed. */
const given = new Set<number>();

/** A free port of this machine, each time another one; with an argument that port, if it is free. */
export async function freePort(wanted = 0): Promise<number> {
  for (;;) {
    const port = await listenOnce(wanted);
    if (wanted !== 0 || !given.has(port)) {
      given.add(port);
      return port;
    }
  }
}

const listenOnce = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/** The first of this number of consecutive free ports. */
export async function freeRange(count: number): Promise<number> {
  for (;;) {
    const first = await freePort();
    const others = Array.from({ length: count - 1 }, (_, index) => freePort(first + index + 1));
    if ((await Promise.allSettled(others)).every(({ status }) => status === 'fulfilled')) return first;
  }
}
