import { services as hosted } from '../../apps/monolith/src/services.js';
import { exists, productionFiles, read, services } from './sources.js';

const FOLDERS = ['domain', 'features', 'ports', 'adapters', 'migrations'];

it('finds the services', () => {
  expect(services.length).toBeGreaterThanOrEqual(7);
});

describe.each(services)('%s', (service) => {
  it.each(FOLDERS)('has %s', (folder) => {
    expect(productionFiles(`apps/${service}/src/${folder}`)).not.toEqual([]);
  });

  it('says what it is in its definition, under its own name', () => {
    const definition = read(`apps/${service}/src/${service}.definition.ts`);
    expect(definition).toContain(`name: '${service}'`);
    expect(exists(`apps/${service}/src/${service}.module.ts`)).toBe(true);
  });

  it('starts alone, by a few lines that choose no part of it', () => {
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

it('checks the version of Node with nothing but Node', () => {
  expect(productionFiles('libs/runtime')).toEqual(['libs/runtime/src/index.ts']);
  expect(read('libs/runtime/src/index.ts')).not.toMatch(/^import|from '/m);
});
