import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

async function install(folder: string, packages: readonly string[]): Promise<void> {
  const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await run('npm', ['install', ...quietly, ...packages], { cwd: folder });
}

/** A separate project, outside this repository: a copy of `examples/booking` with the libraries' tarballs installed. */
export class InstalledProject {
  private constructor(
    private readonly root: string,
    readonly folder: string,
  ) {}

  static async create(): Promise<InstalledProject> {
    const root = await mkdtemp(join(tmpdir(), 'seam-packages-'));
    const packages = join(root, 'packages');
    const folder = join(root, 'booking');
    await run('npm', ['run', '-s', 'pack:all', '--', '--to', packages]);
    for (const part of ['package.json', 'tsconfig.json', 'src'])
      await cp(join('examples/booking', part), join(folder, part), { recursive: true });
    const tarballs = globSync(join(packages, '*.tgz'));
    await install(folder, tarballs);
    return new InstalledProject(root, folder);
  }

  /** Packages of a registry, in the versions of this repository. */
  async install(...names: readonly string[]): Promise<void> {
    const { dependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const versions = names.map((name) => `${name}@${dependencies[name] ?? 'missing'}`);
    await install(this.folder, versions);
  }

  get main(): string {
    return join(this.folder, 'dist/main.js');
  }

  /** Compiles its sources into an empty `dist`; rejects with the compiler's output. */
  async build(): Promise<void> {
    await rm(join(this.folder, 'dist'), { recursive: true, force: true });
    await run('npm', ['run', '-s', 'build'], { cwd: this.folder }).catch((error: unknown) => {
      throw new Error((error as { stdout: string }).stdout, { cause: error });
    });
  }

  async edit(file: string, change: (text: string) => string): Promise<void> {
    const path = join(this.folder, file);
    await writeFile(path, change(await readFile(path, 'utf8')));
  }

  /** Copies a folder of this repository into the project. */
  add(from: string, path: string): Promise<void> {
    return cp(from, join(this.folder, path), { recursive: true });
  }

  remove(path: string): Promise<void> {
    return rm(join(this.folder, path), { recursive: true });
  }

  /** The packages in `node_modules` that a program loads if it only imports this. */
  async packagesLoadedBy(specifier: string): Promise<string[]> {
    const program = `
      import { registerHooks } from 'node:module';
      const loaded = new Set();
      registerHooks({
        load(url, context, next) {
          const name = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(url)?.[1];
          if (name !== undefined) loaded.add(name);
          return next(url, context);
        },
      });
      await import(${JSON.stringify(specifier)});
      process.stdout.write(JSON.stringify([...loaded]), () => process.exit(0));`;
    const args = ['--input-type=module', '--eval', program];
    const { stdout } = await run(process.execPath, args, {
      cwd: this.folder,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    return JSON.parse(stdout) as string[];
  }

  dispose(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}
