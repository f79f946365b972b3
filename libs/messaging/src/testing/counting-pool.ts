import type { Pool, PoolClient } from 'pg';

/** Says which statements go through a pool: names of prepared ones, else their text. */
export function countingPool(pool: Pool): { pool: Pool; statements: string[] } {
  const statements: string[] = [];
  const tell = <T extends object>(target: T): T =>
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
  const counted = new Proxy(tell(pool), {
    get: (of, property) =>
      property === 'connect'
        ? async (): Promise<PoolClient> => tell(await pool.connect())
        : (Reflect.get(of, property) as unknown),
  });
  return { pool: counted, statements };
}
