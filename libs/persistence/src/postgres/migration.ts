import { createHash } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A TypeORM migration; its name (the class's, or its `name` property) ends in a timestamp of 13 digits. */
export type MigrationClass = new () => MigrationInterface;

export interface Migration {
  readonly name: string;
  /** Milliseconds since 1970; migrations run in this order. */
  readonly timestamp: number;
  readonly instance: MigrationInterface;
}

/**
 * A migration is invalid, was changed, or has failed. The database is in the state after the last successful migration.
 */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code = 'PERSISTENCE.MIGRATION_FAILED';
}

/**
 * Migrations in the order in which they run. Throws `MigrationError` for a name without a timestamp, and for a
 * duplicate one.
 */
export function orderMigrations(classes: readonly MigrationClass[]): Migration[] {
  const migrations = classes.map((type) => {
    const instance = new type();
    const name = instance.name ?? type.name;
    const digits = /\d{13}$/.exec(name)?.[0];
    if (digits === undefined) {
      throw new MigrationError(
        `The migration ${name} must end in a timestamp of 13 digits, like AddRooms1700000000000.`,
      );
    }
    return { name, timestamp: Number(digits), instance };
  });
  migrations.sort((a, b) => a.timestamp - b.timestamp);
  migrations.forEach((migration, index) => {
    const next = migrations[index + 1];
    if (next?.timestamp === migration.timestamp) {
      throw new MigrationError(`The migrations ${migration.name} and ${next.name} have the same timestamp.`);
    }
  });
  return migrations;
}

/**
 * Hash of the SQL that a migration sends, ignoring white space and parameters. It is found by running the migration
 * with a query runner that only records. `undefined` if the SQL cannot be known without a database: the migration uses
 * more than `query()`, or needs a query's result. The source text of the function cannot be hashed instead, because it
 * differs between compilers.
 */
export async function fingerprint(migration: Migration): Promise<string | undefined> {
  const statements: string[] = [];
  const query = (text: string): Promise<unknown[]> => {
    statements.push(text.replace(/\s+/g, ' ').trim());
    return Promise.resolve([]);
  };
  const recorder = new Proxy({} as QueryRunner, {
    get: (_target, property) => {
      if (property === 'query') return query;
      throw new TypeError(`${String(property)} cannot be recorded`);
    },
  });
  try {
    await migration.instance.up(recorder);
  } catch {
    return undefined;
  }
  return createHash('sha256').update(statements.join('\n')).digest('hex');
}
