import { basename, dirname, join } from 'node:path';
import { exists, filesIn, productionFiles, read, services } from './sources.js';

/** The ports that get an adapter per engine: what each promises is a suite, which every adapter runs. */
const ENGINE_PORTS = [
  { port: 'apps/inventory/src/ports/stock', adapters: 'apps/inventory/src/adapters' },
  { port: 'apps/analytics/src/ports/sales', adapters: 'apps/analytics/src/adapters' },
  { port: 'apps/payments/src/ports/payment-provider', adapters: 'apps/payments/src/adapters' },
  { port: 'libs/event-sourcing/src/event-store', adapters: 'libs/event-sourcing/src' },
  { port: 'libs/discovery/src/discovery', adapters: 'libs/discovery/src' },
];

const classesOf = (source: string): string[] =>
  [...source.matchAll(/export abstract class (\w+)/g)].map(([, name]) => name!);

/** The suite of a port, beside it or in its testing folder. */
const suiteOf = (port: string): string | undefined =>
  [dirname(port), join(dirname(port), 'testing')]
    .map((folder) => `${join(folder, basename(port))}.suite.ts`)
    .find(exists);

/** The files below a folder with a class that implements the port. */
function adaptersOf(port: string, folder: string): string[] {
  const names = classesOf(read(`${port}.ts`)).join('|');
  const implementing = new RegExp(`class \\w+ (?:extends|implements) (?:${names})\\b`);
  return productionFiles(folder).filter((path) => implementing.test(read(path)));
}

/** Whether the adapter's own test runs the suite. */
const runsSuite = (adapter: string, port: string): boolean =>
  filesIn(dirname(adapter)).some((path) => {
    const own = basename(path).startsWith(`${basename(adapter, '.ts')}.`) && path.endsWith('.spec.ts');
    return own && read(path).includes(`/${basename(port)}.suite.js'`);
  });

describe.each(ENGINE_PORTS)('$port', ({ port, adapters }) => {
  it('says in a suite what an adapter keeps', () => {
    expect(suiteOf(port)).toBeDefined();
  });

  it('has an adapter, and each runs the suite', () => {
    const found = adaptersOf(port, adapters);
    expect(found).not.toEqual([]);
    expect(found.filter((adapter) => !runsSuite(adapter, port))).toEqual([]);
  });
});

it('leaves no suite unlisted', () => {
  const suites = [...services.map((service) => `apps/${service}/src`), 'libs']
    .flatMap(filesIn)
    .filter((path) => path.endsWith('.suite.ts'));
  expect(suites.sort()).toEqual(ENGINE_PORTS.map(({ port }) => suiteOf(port)).sort());
});
