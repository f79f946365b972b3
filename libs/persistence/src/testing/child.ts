import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

interface Started {
  readonly url?: string;
  readonly dataDirectory?: string;
  /** Code of the error, or `exited`. */
  readonly error?: string;
}

/** Seam in a process of its own, for tests that kill it. */
export interface ChildSeam {
  readonly process: ChildProcess;
  /** Its first line: the location of the server, or why it did not start. */
  readonly started: Promise<Started>;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** `directory`: the data directory, or `test-server` for a throw-away server. */
export function startInChild(directory: string): ChildSeam {
  const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(
    process.execPath,
    [
      '--no-warnings',
      '--experimental-transform-types',
      '--import',
      new URL('run-typescript.mjs', import.meta.url).href,
      file('start-in-child.ts'),
      directory,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const started = new Promise<Started>((resolve) => {
    child.stdout.once('data', (line: Buffer) => resolve(JSON.parse(line.toString()) as Started));
    void gone.then(() => resolve({ error: 'exited' }));
  });
  return {
    process: child,
    started,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
