import { execFile } from 'node:child_process';
import { cp, glob, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

const HELP = `Makes a tarball of each library, for "npm install ./seam-kernel-0.1.0.tgz ..." in a project of its own.

  npm run pack:all                   writes to dist/packages
  npm run pack:all -- --to FOLDER    writes to FOLDER, which is created where it is missing

Prints the path of each tarball. Publishes nothing.`;

/** The output directory; undefined if only help is requested. Throws for an unknown option. */
function targetOf(args) {
  if (args.includes('--help')) return undefined;
  if (args.length === 0) return join(root, 'dist/packages');
  if (args.length === 2 && args[0] === '--to') return resolve(process.env.INIT_CWD ?? '.', args[1]);
  throw new Error(`Unknown arguments: ${args.join(' ')}\n\n${HELP}`);
}

/** Every library that is not private, with the source file of each of its entries. */
async function packages() {
  const found = [];
  for await (const file of glob('libs/*/package.json', { cwd: root })) {
    const manifest = JSON.parse(await readFile(join(root, file), 'utf8'));
    if (manifest.private) continue;
    const folder = dirname(file);
    const entries = Object.values(manifest.exports).map(({ import: built }) =>
      join(folder, built.replace('./dist/', 'src/').replace(/\.js$/, '.ts')),
    );
    found.push({ folder, manifest, entries });
  }
  return found.sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** Compiles the entries and their imports, with declarations, to `out/<library>/src`. */
async function compile(found, out) {
  const config = join(out, 'tsconfig.json');
  const compilerOptions = {
    rootDir: join(root, 'libs'),
    outDir: out,
    declaration: true,
    inlineSources: true,
    incremental: false,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const files = found.flatMap(({ entries }) => entries.map((entry) => join(root, entry)));
  const extended = relative(out, join(root, 'tsconfig.json'));
  await writeFile(config, JSON.stringify({ extends: `./${extended}`, compilerOptions, files, include: [] }));
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], { cwd: root }).catch(
    (error) => {
      throw new Error(`The libraries do not compile:\n${error.stdout}`, { cause: error });
    },
  );
}

/** One package as it is published: its manifest, its compiled files and the licence. */
async function pack({ folder, manifest }, out, target) {
  const staged = join(out, 'staged', folder);
  await mkdir(staged, { recursive: true });
  await cp(join(out, relative('libs', folder), 'src'), join(staged, 'dist'), { recursive: true });
  await cp(join(root, 'LICENSE'), join(staged, 'LICENSE'));
  await cp(join(root, folder, 'README.md'), join(staged, 'README.md'));
  const { devDependencies: _, ...published } = manifest;
  await writeFile(join(staged, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', target], { cwd: staged });
  const file = join(target, stdout.trim());
  const { size } = await stat(file);
  console.log(`${relative(process.cwd(), file)}  ${Math.ceil(size / 1024)} kB`);
}

async function main() {
  const target = targetOf(process.argv.slice(2));
  if (target === undefined) {
    console.log(HELP);
    return;
  }
  const out = join(root, 'dist/pack');
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await mkdir(target, { recursive: true });
  const found = await packages();
  console.log(`compiling ${found.length} libraries`);
  await compile(found, out);
  for (const one of found) await pack(one, out, target);
  await rm(out, { recursive: true, force: true });
}

await main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
