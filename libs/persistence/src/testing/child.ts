import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A Seam in a process of its own, for tests that kill it. */
export interface ChildSeam {
  readonly process: ChildProcess;
  /** Its first line: where the server is, or why it did not start. */
  readonly started: Promise<{ url?: string; error?: string; message?: string }>;
  /** `kill -9`; settles when the process is gone. */
  kill(): Promise<void>;
}

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
  const started = new Promise<{ url?: string; error?: string }>((resolve) => {
    child.stdout.once('data', (line: Buffer) => resolve(JSON.parse(line.toString()) as { url?: string }));
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
