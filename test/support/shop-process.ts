import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const mainOf = (app: string): string => `dist/apps/${app}/apps/${app}/src/main.js`;
export const STAFF = { email: 'staff@seam.local', password: 'staff-of-the-tests' };

export interface ShopOptions {
  /** An existing shop's data; without it a new empty directory. */
  readonly data?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Which of the apps; default: the monolith, which can host all services. */
  readonly app?: string;
  /** The program's main file, if it is not one of the apps. */
  readonly main?: string;
  /** Started by a shell, as npm does it: the signals this class sends reach the shell only. */
  readonly shell?: boolean;
}

/** A directory for a shop's data that PostgreSQL's user can enter; it is deleted with the test run. */
export function dataDirectory(): string {
  const directory = mkdtempSync(join(process.env['SEAM_TEST_DATA'] ?? tmpdir(), 'shop-'));
  chmodSync(directory, 0o755);
  return directory;
}

/** The whole shop as a child process, the way an operator runs and kills it. */
export class ShopProcess {
  readonly exited: Promise<number | string>;
  #output = '';

  private constructor(
    readonly data: string,
    private readonly child: ChildProcess,
  ) {
    const collect = (chunk: Buffer): void => void (this.#output += chunk.toString());
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    this.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')));
  }

  /** Spawns it; {@link ready} resolves when it accepts requests. */
  static spawn(options: ShopOptions = {}): ShopProcess {
    const { data = dataDirectory(), env = {}, app = 'monolith', main = mainOf(app), shell = false } = options;
    const [file, ...args] = shell
      ? ['/bin/sh', '-c', `"${process.execPath}" ${main}; exit $?`]
      : [process.execPath, main];
    const child = spawn(file, args, {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        PORT: '0',
        SEAM_DATA: data,
        SEAM_STAFF_PASSWORD: STAFF.password,
        SEAM_LOG: 'warn',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ShopProcess(data, child);
  }

  static async start(options: ShopOptions = {}): Promise<ShopProcess & { readonly url: string }> {
    const shop = ShopProcess.spawn(options);
    return Object.assign(shop, { url: await shop.ready() });
  }

  /** Its URL, as printed in the start-up lines; rejects with its output when it ends before. */
  async ready(): Promise<string> {
    return new Promise((resolve, reject) => {
      const resolveIfPrinted = (): void => {
        const url = /\bapi\W+(http:\/\/localhost:\d+)/.exec(this.#output)?.[1];
        if (url !== undefined) resolve(url);
      };
      this.child.stdout?.on('data', resolveIfPrinted);
      void this.exited.then((code) => reject(new Error(`the shop ended with ${code}:\n${this.#output}`)));
      resolveIfPrinted();
    });
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the shop was not spawned');
    return this.child.pid;
  }

  /** Resolves with its exit code, or the signal that ended it. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.child.kill(signal);
    return this.exited;
  }

  /** Of one service's database in the running shop's embedded server. */
  databaseUrl(service: string): string {
    const [, , , port] = readFileSync(join(this.data, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
    const password = readFileSync(join(this.data, 'postgres.password'), 'utf8').trim();
    return `postgresql://seam:${encodeURIComponent(password)}@127.0.0.1:${port}/seam_${service}`;
  }
}
