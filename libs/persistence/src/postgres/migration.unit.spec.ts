import type { QueryRunner } from 'typeorm';
import { MigrationError, fingerprint, orderMigrations } from './migration.js';

const type = (name: string) =>
  class {
    readonly name = name;
    async up(): Promise<void> {}
    async down(): Promise<void> {}
  };

describe('orderMigrations', () => {
  it('orders by the timestamp in the name, not by position in the list', () => {
    class Second1700000000002 extends type('Second1700000000002') {}
    const ordered = orderMigrations([Second1700000000002, type('First1700000000001')]);
    expect(ordered.map(({ name, timestamp }) => ({ name, timestamp }))).toEqual([
      { name: 'First1700000000001', timestamp: 1_700_000_000_001 },
      { name: 'Second1700000000002', timestamp: 1_700_000_000_002 },
    ]);
  });

  it('refuses a name without a timestamp, and a duplicate timestamp', () => {
    expect(() => orderMigrations([type('AddRooms')])).toThrow(MigrationError);
    expect(() => orderMigrations([type('A1700000000001'), type('B1700000000001')])).toThrow(/A1.*B1.*same timestamp/);
  });
});

describe('fingerprint', () => {
  const of = (up: (runner: QueryRunner) => Promise<unknown>): Promise<string | undefined> =>
    fingerprint({ name: 'x', timestamp: 0, instance: { up, down: up } });

  it('is the same for the same SQL, ignoring white space and parameters', async () => {
    const one = await of((runner) => runner.query('CREATE TABLE a (id int)', [1]));
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(await of((runner) => runner.query(' CREATE TABLE a\n  (id int)', [2]))).toBe(one);
    expect(await of((runner) => runner.query('CREATE TABLE a (id bigint)'))).not.toBe(one);
  });

  it('is unknown if the migration needs a database to determine its SQL', async () => {
    const reads = async (runner: QueryRunner): Promise<void> => {
      const rows = (await runner.query('SELECT name FROM old')) as [{ name: string }];
      await runner.query(`CREATE TABLE ${rows[0].name} ()`);
    };
    expect(await of(reads)).toBeUndefined();
    expect(await of((runner) => runner.dropTable('a'))).toBeUndefined();
  });
});
