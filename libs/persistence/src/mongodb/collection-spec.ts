import type { mongo } from 'mongoose';

/**
 * A collection and the indexes that its queries and guarantees depend on. Each index has a name; an index never changes
 * under the same name.
 */
export interface MongoCollectionSpec {
  readonly name: string;
  readonly indexes: readonly mongo.IndexDescription[];
}
