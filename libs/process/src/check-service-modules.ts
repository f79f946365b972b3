import type { DynamicModule, ForwardReference, ModuleMetadata, Type } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import {
  linksOf,
  type ServiceModuleLinks,
  type SharedRoutes,
  type SharingService,
  type TakenParts,
} from './service-module.js';
import { nameOf } from './service-token.js';
import { StartError } from './start-error.js';

type Imported = NonNullable<ModuleMetadata['imports']>[number];

/**
 * Checks that each module of a service finds what it takes from the service's others, and that no service has one of them
 * twice, as two services of one name would. Throws a {@link StartError} that says what to add. It checks the modules
 * before Nest instantiates them, so that no store has been opened by then.
 * @param modules of the process: those they import, directly or not, are checked as well
 */
export async function checkServiceModules(modules: readonly Imported[]): Promise<void> {
  const found = await linksIn(modules);
  for (const one of found) {
    checkOnce(one, found);
    for (const taken of one.takes) checkTaken(one, taken, found);
  }
}

/**
 * The modules of the routes that services share, for the process's imports: one for each kind of routes, of all
 * services in these modules that have them.
 */
export async function sharedRoutesIn(modules: readonly Imported[]): Promise<DynamicModule[]> {
  const kinds = new Map<SharedRoutes['moduleOf'], SharingService[]>();
  for (const { service, shared } of await linksIn(modules)) {
    if (shared === undefined) continue;
    const { moduleOf, options } = shared;
    kinds.set(moduleOf, [...(kinds.get(moduleOf) ?? []), { service, options }]);
  }
  return [...kinds].map(([moduleOf, services]) => moduleOf(services));
}

function checkOnce({ service, module }: ServiceModuleLinks, found: readonly ServiceModuleLinks[]): void {
  const times = found.filter((other) => other.service === service && other.module === module).length;
  if (times === 1) return;
  throw new StartError(
    `${service} has ${module} ${times} times.\n` +
      `List ${module}.forService({ service: '${service}', … }) once, in the module of ${service}, ` +
      'and give each service of a process a name of its own.',
  );
}

function checkTaken(
  { service, module }: ServiceModuleLinks,
  { from, parts }: TakenParts,
  found: readonly ServiceModuleLinks[],
): void {
  const other = found.find((one) => one.service === service && one.module === from);
  if (other === undefined)
    throw new StartError(
      `${service} has ${module}, and no ${from}, on which it builds.\n` +
        `Add ${from}.forService({ service: '${service}', … }) to the imports of the module of ${service}.`,
    );
  const missing = parts.filter((part) => !other.exports.includes(part)).map(nameOf);
  if (missing.length === 0) return;
  throw new StartError(
    `${module} of ${service} builds on ${missing.join(', ')}, and its ${from} does not export that.\n` +
      'Give both of them adapters of the same engine.',
  );
}

async function linksIn(modules: readonly Imported[]): Promise<ServiceModuleLinks[]> {
  const found: ServiceModuleLinks[] = [];
  const seen = new Set<unknown>();
  const visit = async (imported: Imported): Promise<void> => {
    const module = await resolved(imported);
    // Nest reports an undefined import with its cause.
    if (module === undefined || seen.has(module)) return;
    seen.add(module);
    const links = linksOf(module);
    if (links !== undefined) found.push(links);
    for (const next of importsOf(module)) await visit(next);
  };
  for (const module of modules) await visit(module);
  return found;
}

async function resolved(imported: Imported | undefined): Promise<Type | DynamicModule | undefined> {
  const module = await imported;
  if (module === undefined || !('forwardRef' in module)) return module;
  return (module as ForwardReference<() => Type>).forwardRef();
}

function importsOf(module: Type | DynamicModule): readonly Imported[] {
  const type = 'module' in module ? module.module : module;
  const fixed = (Reflect.getMetadata(MODULE_METADATA.IMPORTS, type) ?? []) as readonly Imported[];
  return 'module' in module ? [...fixed, ...(module.imports ?? [])] : fixed;
}
