import type { mongo } from 'mongoose';

/** A collection and the indexes its queries and its guarantees rest on; each has a name, under which it never changes. */
export interface MongoCollectionSpec {
  readonly name: string;
  readonly indexes: readonly mongo.IndexDescription[];
}
