import * as contracts from '@seam/contracts';
import type { Contract } from '@seam/messaging/contract';
import { services as hosted } from '../../apps/monolith/src/services.js';
import { importsFrom, productionFiles, read, services } from './sources.js';

interface Named {
  readonly name: string;
  readonly contract: Contract;
}

const isContract = (value: unknown): value is Contract =>
  typeof value === 'object' && value !== null && 'kind' in value && 'service' in value && 'type' in value;

const published: Named[] = Object.entries(contracts).flatMap(([name, value]: [string, unknown]) =>
  isContract(value) ? [{ name, contract: value }] : [],
);
const commands = published.filter(({ contract }) => contract.kind === 'command');
const events = published.filter(({ contract }) => contract.kind === 'event');

const sources = new Map(services.map((service) => [service, productionFiles(`apps/${service}/src`).map(read)]));
const sourcesOf = (service: string): readonly string[] => sources.get(service) ?? [];

/** The services in whose sources a pattern occurs, once for each time. */
const where = (pattern: RegExp): string[] =>
  services.flatMap((service) =>
    sourcesOf(service).flatMap((source) => [...source.matchAll(pattern)].map(() => service)),
  );

/** The services that a service depends on: the owners of the other contracts that it uses. */
const needsOf = (service: string): string[] => {
  const used = new Set(sourcesOf(service).flatMap((source) => importsFrom('@seam/contracts', source)));
  const owners = published.filter(({ name }) => used.has(name)).map(({ contract }) => contract.service);
  return [...new Set(owners)].filter((owner) => owner !== service).sort();
};

it('finds the contracts', () => {
  expect(commands.length).toBeGreaterThan(5);
  expect(events.length).toBeGreaterThan(5);
  expect(importsFrom('@x/y', "import { type A, B } from '@x/y';\nimport type { C } from '@x/y';")).toEqual([
    'A',
    'B',
    'C',
  ]);
});

it('gives each contract a unique type, owned by an existing service', () => {
  const types = published.map(({ contract }) => contract.type);
  expect(types).toEqual([...new Set(types)]);
  for (const { contract } of published) {
    expect(services).toContain(contract.service);
    expect(contract.type).toMatch(new RegExp(`^${contract.service}\\.[a-z-]+\\.v[0-9]+$`));
  }
});

describe.each(commands)('the command $name', ({ name, contract }) => {
  it('has one handler, in its owner', () => {
    expect(where(new RegExp(`@HandleCommand\\(\\s*${name}\\b`, 'g'))).toEqual([contract.service]);
  });
});

describe.each(events)('the event $name', ({ name, contract }) => {
  it('is published only by its owner', () => {
    const publishers = where(new RegExp(`\\bmessageOf\\(\\s*${name}\\b`, 'g'));
    expect(publishers).not.toEqual([]);
    expect([...new Set(publishers)]).toEqual([contract.service]);
  });

  it('is handled by others, each in its own name', () => {
    const handlers = services.flatMap((service) =>
      sourcesOf(service).flatMap((source) =>
        [...source.matchAll(new RegExp(`@HandleEvent\\(\\s*'([a-z-]+)',\\s*${name}\\b`, 'g'))].map(([, as]) => [
          service,
          as,
        ]),
      ),
    );
    expect(handlers).not.toEqual([]);
    for (const [service, as] of handlers) expect(as).toBe(service);
    expect(handlers.map(([service]) => service)).not.toContain(contract.service);
  });
});

describe.each(services)('%s', (service) => {
  it('needs exactly the services that it commands or gets events from', () => {
    const definition = hosted.find(({ name }) => name === service);
    expect([...(definition?.needs ?? [])].sort()).toEqual(needsOf(service));
  });

  it('uses its internal contracts only by itself', () => {
    const own = sourcesOf(service).flatMap((source) => [
      ...source.matchAll(/define(?:Command|Event)\(\{\s*service: '([a-z-]+)'/g),
    ]);
    for (const [, owner] of own) expect(owner).toBe(service);
  });

  it('handles replies only in its own name', () => {
    const names = sourcesOf(service).flatMap((source) => [...source.matchAll(/@HandleReplies\(\s*'([a-z-]+)'/g)]);
    for (const [, as] of names) expect(as).toBe(service);
  });
});
