import { randomUUID } from 'node:crypto';
import type { MongoCollectionSpec } from '../mongodb/collection-spec.js';
import { MongoDatabase } from '../mongodb/mongo-database.js';

/**
 * A new, empty database on this server. Its name is `name` with a random suffix, or with the given one. The caller
 * closes it.
 */
export function openTestMongo(
  url: string,
  name: string,
  collections: readonly MongoCollectionSpec[],
  ending = `_${randomUUID().slice(0, 8)}`,
  warn: (line: string) => void = () => undefined,
): Promise<MongoDatabase> {
  return MongoDatabase.open({
    service: 'test',
    url,
    database: `${name}${ending}`,
    collections,
    waitMs: 30_000,
    log: () => undefined,
    warn,
  });
}

/** Empties these collections. */
export async function emptyCollections(
  database: MongoDatabase,
  collections: readonly MongoCollectionSpec[],
): Promise<void> {
  for (const { name } of collections) await database.collection(name).deleteMany({});
}
