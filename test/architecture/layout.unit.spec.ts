import { basename } from 'node:path';
import { services as hosted } from '../../apps/monolith/src/services.js';
import { exists, filesIn, productionFiles, read, services } from './sources.js';

const FOLDERS = ['domain', 'features', 'ports', 'adapters', 'migrations'];

it('finds the services', () => {
  expect(services.length).toBeGreaterThanOrEqual(7);
});

describe.each(services)('%s', (service) => {
  it.each(FOLDERS)('has %s', (folder) => {
    expect(productionFiles(`apps/${service}/src/${folder}`)).not.toEqual([]);
  });

  it('has a definition with its own name', () => {
    const definition = read(`apps/${service}/src/${service}.definition.ts`);
    expect(definition).toContain(`name: '${service}'`);
    expect(exists(`apps/${service}/src/${service}.module.ts`)).toBe(true);
  });

  it('starts alone, with a few lines that choose no part of it', () => {
    const start = read(`apps/${service}/src/start.ts`).trim().split('\n');
    expect(start.length).toBeLessThanOrEqual(6);
    expect(start.at(-1)).toMatch(new RegExp(`^await host\\({ \\.\\.\\.shop, services: \\[${service}Service\\] }\\);$`));
  });

  it('is built and started by name', () => {
    const { projects } = JSON.parse(read('nest-cli.json')) as { projects: Record<string, { entryFile: string }> };
    expect(projects[service]?.entryFile).toBe(`apps/${service}/src/main`);
    expect(exists(`apps/${service}/tsconfig.app.json`)).toBe(true);
  });

  it('is hosted by the monolith', () => {
    expect(hosted.map(({ name }) => name)).toContain(service);
  });
});

it('hosts nothing that is not on disk', () => {
  expect(hosted.map(({ name }) => name).sort()).toEqual([...services].sort());
});

it.each([
  ...['gateway', 'monolith', ...services].map((app) => [`apps/${app}/src`, 'start']),
  ['tools/demo', 'demo'],
  ['bench', 'bench'],
])('%s/main.ts checks the version of Node before it loads anything else', (folder, program) => {
  const lines = read(`${folder}/main.ts`).trim().split('\n');
  expect(lines).toEqual([`import '@seam/runtime';`, '', `await import('./${program}.js');`]);
});

it('checks the version of Node without any package', () => {
  expect(productionFiles('libs/runtime')).toEqual(['libs/runtime/src/index.ts']);
  expect(read('libs/runtime/src/index.ts')).not.toMatch(/^import|from '/m);
});

/** The allowed suffixes before `.ts`: one for each kind of file, as CONTRIBUTING.md lists them. */
const KINDS = [
  ['controller', 'handler', 'dto', 'seed', 'saga', 'entity'],
  ['definition', 'module', 'settings'],
  ['guard', 'pipe', 'filter', 'middleware', 'decorator'],
  ['unit.spec', 'int.spec', 'e2e.spec', 'suite', 'flow'],
].flat();

/** Tests of files that have a suffix themselves. */
const TESTS_OF_KINDS = ['settings.unit.spec', 'dto.unit.spec', 'module.unit.spec', 'seed.int.spec'];

it('has one suffix for each kind of file', () => {
  const files = ['apps', 'libs', 'test', 'tools', 'bench']
    .flatMap(filesIn)
    .filter((path) => !path.includes('node_modules'));
  expect(files.length).toBeGreaterThan(500);
  const suffixes = files.map((path) => /^[^.]+\.(?:(.+)\.)?ts$/.exec(basename(path))?.[1]);
  expect(new Set(suffixes)).toEqual(new Set([undefined, ...KINDS, ...TESTS_OF_KINDS]));
});
