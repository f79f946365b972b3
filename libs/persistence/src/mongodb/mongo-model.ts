import type { Connection, Model, Mongoose, SchemaDefinition } from 'mongoose';
import type { AvailabilityMonitor } from '../availability-monitor.js';
import type { MongoCollectionSpec } from './collection-spec.js';

type FieldType = StringConstructor | NumberConstructor | BooleanConstructor | DateConstructor;

/**
 * A type, that of a list's items, a type and whether it is required, or the fields of a nested document. mongoose refuses to insert an empty text if it is
 * required, and inserts an empty nested document if it is left out.
 */
export type ModelField =
  | FieldType
  | readonly [FieldType]
  | { readonly type: FieldType; readonly required: true }
  | { readonly [name: string]: ModelField };

/**
 * A collection of documents that mongoose casts and checks: an undeclared field, or a field of another type, is
 * refused.
 */
export interface MongoModelSpec<D> extends MongoCollectionSpec {
  readonly fields: Readonly<Record<keyof D & string, ModelField>>;
}

/**
 * A mongoose model whose operations all go through the database's monitor. Bulk writes with `ordered: false` silently
 * leave out documents that do not fit the schema, unless they have `throwOnValidationError`.
 */
export interface MongoModel<D> {
  /**
   * Runs one operation of the model. Rejects with the operation's own error, or with a `StoreAwayError` for an outage.
   */
  run<T>(operation: (model: Model<D>) => PromiseLike<T>): Promise<T>;
}

/** The connection's model of a collection, created at the first call. Field names and types are stored as declared. */
export function modelOf<D>(
  { Schema }: Mongoose,
  connection: Connection,
  { name, fields, indexes }: MongoModelSpec<D>,
): Model<D> {
  const known = connection.models[name] as Model<D> | undefined;
  if (known !== undefined) return known;
  const schema = new Schema<D>(fields as SchemaDefinition<D>, {
    strict: 'throw',
    strictQuery: 'throw',
    versionKey: false,
    minimize: false,
    autoIndex: false,
    autoCreate: false,
  });
  for (const { key, ...options } of indexes) schema.index(key as Record<string, 1 | -1>, options);
  return connection.model<D>(name, schema, name);
}

export const guardedModel = <D>(model: Model<D>, monitor: AvailabilityMonitor): MongoModel<D> => ({
  run: (operation) => monitor.run(async () => operation(model)),
});
