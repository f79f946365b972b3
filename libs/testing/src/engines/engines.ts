import { execFile, execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { CATALOG, type EngineName, LABEL, RUN_VARIABLE, STARTABLE_VARIABLE, urlVariable } from './engine-catalog.js';

/** A server that the whole test run shares: each file uses a database, vhost or prefix of its own. */
export interface Engine {
  readonly url: string;
  /** RabbitMQ's HTTP interface, if it has one. */
  readonly managementUrl?: string;
}

/** A server for one test, which may stop or disconnect it. Its URL never changes. */
export interface OwnEngine extends Engine {
  /** The name of its container. */
  readonly container: string;
  /** Stops answering, while its connections stay open. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it like `kill -9`; its data is kept. */
  kill(): Promise<void>;
  /** Shuts it down; its data is kept. */
  stop(): Promise<void>;
  /** After {@link kill} or {@link stop}; resolves when it answers again. */
  start(): Promise<void>;
  /** Runs a command in the server's container. */
  exec(...command: string[]): Promise<void>;
  remove(): Promise<void>;
}

const WAIT_S = 60;
/** A separate program in the directory of this file: TypeScript, or compiled with it. */
const PROBE = fileURLToPath(new URL(`./engine-probe${extname(import.meta.url)}`, import.meta.url));
const run = promisify(execFile);

/**
 * The shared server of this kind, or undefined if this machine has none: then a test file skips itself,
 * `(redis ? describe : describe.skip)(…)`, and the run's first lines say why. The first caller starts it, which
 * blocks for as long as that takes; throws when it does not answer within a minute.
 */
export function engine(name: EngineName): Engine | undefined {
  const given = process.env[urlVariable(name)];
  if (given !== undefined) return { url: given };
  return canStart(name) ? started(name, sharedContainer(name)) : undefined;
}

/** Whether {@link ownEngine} can give one here. */
export const canStart = (name: EngineName): boolean =>
  (process.env[STARTABLE_VARIABLE] ?? '').split(',').includes(name);

/** Starts a server only for the caller, who must remove it. */
export async function ownEngine(name: EngineName): Promise<OwnEngine> {
  const container = `seam-test-${name}-${randomUUID().slice(0, 8)}`;
  const port = await freePort();
  await run('docker', runArguments(name, container, `127.0.0.1:${port}:${CATALOG[name].port}`));
  const answers = async (): Promise<void> => {
    await run(process.execPath, probeArguments(name, port));
  };
  const docker = async (...args: string[]): Promise<void> => {
    await run('docker', [...args, container]);
  };
  await answers().catch(async (error: unknown) => {
    await docker('rm', '-f', '-v');
    throw error;
  });
  return {
    container,
    url: CATALOG[name].url(`127.0.0.1:${port}`),
    pause: () => docker('pause'),
    resume: () => docker('unpause'),
    kill: () => docker('kill'),
    stop: () => docker('stop'),
    start: async () => {
      await docker('start');
      await answers();
    },
    exec: async (...command) => {
      await run('docker', ['exec', container, ...command]);
    },
    remove: () => docker('rm', '-f', '-v'),
  };
}

function runArguments(name: EngineName, container: string, ...publish: string[]): string[] {
  const { image, options, command } = CATALOG[name];
  const ports = publish.flatMap((mapping) => ['-p', mapping]);
  const label = `${LABEL}=${process.env[RUN_VARIABLE] ?? ''}`;
  return ['run', '-d', '--name', container, '--label', label, ...ports, ...options, image, ...command];
}

const probeArguments = (name: EngineName, port: number): string[] => [PROBE, name, String(port), String(WAIT_S)];

/** Its name is the lock: of several files that ask at once, Docker lets one create it. */
function sharedContainer(name: EngineName): string {
  const container = `seam-test-${process.env[RUN_VARIABLE] ?? ''}-${name}`;
  const { port, managementPort } = CATALOG[name];
  const ports = [port, managementPort].filter((each) => each !== undefined);
  try {
    const args = runArguments(name, container, ...ports.map((each) => `127.0.0.1::${each}`));
    execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    if (!(error as { stderr?: string }).stderr?.includes('already in use')) throw error;
  }
  return container;
}

function started(name: EngineName, container: string): Engine {
  const { port, managementPort, url } = CATALOG[name];
  const at = publishedPort(container, port);
  try {
    execFileSync(process.execPath, probeArguments(name, at), { stdio: 'ignore' });
  } catch {
    throw new Error(`${name} did not answer within ${WAIT_S} s: docker logs ${container}`);
  }
  if (managementPort === undefined) return { url: url(`127.0.0.1:${at}`) };
  const management = publishedPort(container, managementPort);
  return { url: url(`127.0.0.1:${at}`), managementUrl: `http://seam:seam@127.0.0.1:${management}` };
}

/** Its port on this machine. Another file may have just started to create it: then it is not published yet. */
function publishedPort(container: string, port: number): number {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      const text = execFileSync('docker', ['port', container, String(port)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const found = Number(/:(\d+)\s*$/m.exec(text)?.[1]);
      if (found > 0) return found;
    } catch {
      // Not running yet.
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  throw new Error(`the container ${container} publishes no port ${port}: docker logs ${container}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
