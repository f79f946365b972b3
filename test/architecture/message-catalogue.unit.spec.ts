import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as contracts from '@seam/contracts';
import { sent } from '@seam/contracts';
import type { Contract } from '@seam/messaging/contract';
import * as prettier from 'prettier';
import { catalogue } from './message-catalogue.js';
import { productionFiles, read, services } from './sources.js';

const FILE = join(import.meta.dirname, '../../docs/messages.md');

const named = contracts as unknown as Record<string, Partial<Contract> | undefined>;

/** The types of the contracts that a service's sources send, by `messageOf` and by the steps of its sagas. */
const sentIn = (service: string, kind: Contract['kind']): string[] => [
  ...new Set(
    productionFiles(`apps/${service}/src`)
      .flatMap((path) => [...read(path).matchAll(/\b(?:messageOf|send)\(\s*(\w+)/g)])
      .flatMap(([, name = '']) => {
        const contract = named[name];
        return contract?.kind === kind && contract.type !== undefined ? [contract.type] : [];
      }),
  ),
];

const typesOf = (all: readonly Contract[] | undefined): string[] => (all ?? []).map(({ type }) => type).sort();

describe.each(services)('what %s sends', (service) => {
  it('is listed as in its sources', () => {
    expect(typesOf(sent[service]?.events)).toEqual(sentIn(service, 'event').sort());
    expect(typesOf(sent[service]?.commands)).toEqual(sentIn(service, 'command').sort());
  });
});

it('every command of the contracts is sent by some service', () => {
  const all = Object.values(sent).flatMap(({ commands }) => typesOf(commands));
  const commands = Object.values(named).flatMap((each) => (each?.kind === 'command' ? [each.type ?? ''] : []));
  expect(commands.length).toBeGreaterThan(5);
  expect([...new Set(all)].sort()).toEqual(commands.sort());
});

it('docs/messages.md is up to date: npm run docs:messages writes it', async () => {
  const options = await prettier.resolveConfig(FILE);
  const made = await prettier.format(catalogue(), { ...options, parser: 'markdown' });
  if (process.env['SEAM_UPDATE_DOCS'] !== undefined) writeFileSync(FILE, made);
  expect(readFileSync(FILE, 'utf8')).toBe(made);
});
