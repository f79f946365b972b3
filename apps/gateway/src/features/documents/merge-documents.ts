import type { OpenAPIObject } from '@nestjs/swagger';
import { resolve, SAGAS_PATH, SERVICES_WITH_SAGAS } from '../../routes.js';

export interface ServiceDocument {
  readonly service: string;
  readonly document: OpenAPIObject;
}

/**
 * Merges documents into one: the gateway's own paths, and each service's paths that a route leads to. If two documents
 * have different schemas of the same name, the later one's name gets its service's name as a prefix.
 */
export function merge(
  own: OpenAPIObject,
  services: readonly ServiceDocument[],
  notes: readonly string[],
): OpenAPIObject {
  const merged: OpenAPIObject = {
    ...own,
    info: { ...own.info, description: [own.info.description ?? '', ...notes].join('\n\n') },
    paths: {},
    components: { ...own.components, schemas: { ...own.components?.schemas } },
  };
  for (const { service, document } of services) add(merged, service, document);
  Object.assign(merged.paths, own.paths);
  return merged;
}

function add(merged: OpenAPIObject, service: string, document: OpenAPIObject): void {
  const schemas = (merged.components ??= {}).schemas ?? {};
  const renamed: string[] = [];
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
    if (schemas[name] === undefined) schemas[name] = schema;
    else if (JSON.stringify(schemas[name]) !== JSON.stringify(schema)) renamed.push(name);
  }
  const rename = renaming(service, renamed);
  for (const name of renamed) {
    const schema = document.components?.schemas?.[name];
    if (schema !== undefined) schemas[`${service}.${name}`] = rename(schema);
  }
  for (const [path, item] of Object.entries(document.paths)) {
    if (isRoutedTo(service, path)) merged.paths[path] = rename(item);
  }
}

/** Changes the references to these schemas to their new names. */
function renaming(service: string, names: readonly string[]): <T>(part: T) => T {
  if (names.length === 0) return (part) => part;
  const known = new Set(names);
  return (part) =>
    JSON.parse(
      JSON.stringify(part).replace(/"#\/components\/schemas\/([^"]+)"/g, (whole, name: string) =>
        known.has(name) ? `"#/components/schemas/${service}.${name}"` : whole,
      ),
    ) as typeof part;
}

/** Leaves out paths that every process has for itself, such as its health. Sagas' services document the gateway's routes. */
function isRoutedTo(service: string, path: string): boolean {
  const isOfSagas = path === SAGAS_PATH || path.startsWith(`${SAGAS_PATH}/`);
  if (isOfSagas) return SERVICES_WITH_SAGAS.includes(service);
  const resolved = resolve('GET', path.replaceAll(/[{}]/g, '_'));
  return typeof resolved === 'object' && resolved.service === service;
}
