import type { PoolClient } from 'pg';
import type { BatchDatabase } from '../postgres/batch-transaction.js';

/**
 * Records the statements that a committer sends, itself or through TypeORM: names of prepared ones, otherwise their
 * text.
 */
export function countingDatabase(database: BatchDatabase): { database: BatchDatabase; statements: string[] } {
  const statements: string[] = [];
  const recording = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (of, property) => {
        const value: unknown = Reflect.get(of, property);
        if (typeof value !== 'function') return value;
        return (...args: [string | { name?: string; text: string }]): unknown => {
          const [statement] = args;
          if (property === 'query')
            statements.push(typeof statement === 'string' ? statement : (statement.name ?? statement.text));
          return Reflect.apply(value, of, args) as unknown;
        };
      },
    });
  const pool = new Proxy(recording(database.pool), {
    get: (of, property) =>
      property === 'connect'
        ? async (): Promise<PoolClient> => recording(await database.pool.connect())
        : (Reflect.get(of, property) as unknown),
  });
  const connectRunner: BatchDatabase['connectRunner'] = async () => {
    const { runner, client } = await database.connectRunner();
    const query = runner.query.bind(runner);
    runner.query = (text: string, ...rest: []) => {
      statements.push(text);
      return query(text, ...rest);
    };
    return { runner, client: recording(client) };
  };
  return { database: { pool, connectRunner }, statements };
}
