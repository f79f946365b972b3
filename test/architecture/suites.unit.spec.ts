import { basename, dirname, join } from 'node:path';
import { exists, filesIn, productionFiles, read, services } from './sources.js';

interface EnginePort {
  readonly port: string;
  readonly adapters: string;
  /** The abstract classes between the port and its adapters, if any. */
  readonly by?: readonly string[];
}

/** The ports that get an adapter per engine: the guarantees of each are a suite, which every adapter runs. */
const ENGINE_PORTS: readonly EnginePort[] = [
  { port: 'apps/inventory/src/ports/stock', adapters: 'apps/inventory/src/adapters' },
  { port: 'apps/analytics/src/ports/sales', adapters: 'apps/analytics/src/adapters' },
  { port: 'apps/payments/src/ports/payment-provider', adapters: 'apps/payments/src/adapters' },
  { port: 'libs/event-sourcing/src/event-store', adapters: 'libs/event-sourcing/src' },
  { port: 'libs/event-sourcing/src/personal-keys', adapters: 'libs/event-sourcing/src' },
  { port: 'libs/event-sourcing/src/set-asides', adapters: 'libs/event-sourcing/src' },
  { port: 'libs/event-sourcing/src/rebuilds', adapters: 'libs/event-sourcing/src' },
  { port: 'libs/event-sourcing/src/shadow-read-model', adapters: 'libs/event-sourcing/src' },
  { port: 'libs/discovery/src/discovery', adapters: 'libs/discovery/src' },
  { port: 'libs/messaging/src/transport', adapters: 'libs/messaging/src' },
  { port: 'libs/messaging/src/outbox', adapters: 'libs/messaging/src' },
  { port: 'libs/messaging/src/dead-letters', adapters: 'libs/messaging/src' },
  { port: 'libs/messaging/src/committer', adapters: 'libs/messaging/src', by: ['GroupCommitter', 'WorkwiseCommitter'] },
  { port: 'libs/saga/src/saga-finder', adapters: 'libs/saga/src' },
  { port: 'apps/orders/src/ports/order-finder', adapters: 'apps/orders/src/adapters' },
  { port: 'apps/orders/src/ports/catalogue', adapters: 'apps/orders/src/adapters' },
  { port: 'apps/orders/src/ports/customers', adapters: 'apps/orders/src/adapters' },
];

/** Adapters that are registered by the kind of their work, and not by a class: the suite, and its engines. */
const WORK_SUITES = [
  {
    suite: 'libs/event-sourcing/src/testing/event-works.suite.ts',
    adapters: [
      'libs/event-sourcing/src/postgres/event-work-adapter.ts',
      'libs/event-sourcing/src/mongodb/mongo-event-work-adapter.ts',
    ],
  },
  {
    suite: 'libs/event-sourcing/src/testing/reach-position.suite.ts',
    adapters: ['libs/event-sourcing/src/postgres/positions.ts', 'libs/event-sourcing/src/mongodb/positions.ts'],
  },
];

const classesOf = (source: string): string[] =>
  [...source.matchAll(/export abstract class (\w+)/g)].map(([, name]) => name!);

/** The suite of a port, beside it or in its testing folder. */
const suiteOf = (port: string): string | undefined =>
  [dirname(port), join(dirname(port), 'testing')]
    .map((folder) => `${join(folder, basename(port))}.suite.ts`)
    .find(exists);

/** The files below a folder with a class that implements the port. */
function adaptersOf({ port, adapters: folder, by }: EnginePort): string[] {
  const names = (by ?? classesOf(read(`${port}.ts`))).join('|');
  const implementing = new RegExp(`(?<!abstract )class \\w+ (?:extends|implements) (?:${names})\\b`);
  return productionFiles(folder).filter((path) => implementing.test(read(path)));
}

/** Whether the adapter's own test runs the suite. */
const runsSuite = (adapter: string, port: string): boolean =>
  filesIn(dirname(adapter)).some((path) => {
    const own = basename(path).startsWith(`${basename(adapter, '.ts')}.`) && path.endsWith('.spec.ts');
    return own && read(path).includes(`/${basename(port)}.suite.js'`);
  });

describe.each(ENGINE_PORTS)('$port', (enginePort) => {
  const { port } = enginePort;
  it('has a suite with the guarantees of its adapters', () => {
    expect(suiteOf(port)).toBeDefined();
  });

  it('has an adapter, and each runs the suite', () => {
    const found = adaptersOf(enginePort);
    expect(found).not.toEqual([]);
    expect(found.filter((adapter) => !runsSuite(adapter, port))).toEqual([]);
  });
});

it.each(WORK_SUITES)('$suite is run on each engine', ({ suite, adapters }) => {
  const port = suite.replace(/\.suite\.ts$/, '');
  expect(adapters.filter((adapter) => !exists(adapter) || !runsSuite(adapter, port))).toEqual([]);
});

it('leaves no suite unlisted', () => {
  const suites = [...services.map((service) => `apps/${service}/src`), 'libs']
    .flatMap(filesIn)
    .filter((path) => path.endsWith('.suite.ts'));
  const listed = [...ENGINE_PORTS.map(({ port }) => suiteOf(port)), ...WORK_SUITES.map(({ suite }) => suite)];
  expect(suites.sort()).toEqual(listed.sort());
});
