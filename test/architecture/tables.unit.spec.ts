import { filesIn, productionFiles, read, services, textsIn } from './sources.js';

const SQL = /\b(select|insert\s+into|update|delete\s+from|truncate|alter\s+table|create|drop|lock\s+table)\b/i;

/** The tables that a text creates, with the schema if it names one. */
const created = (text: string): string[] =>
  [...text.matchAll(/create\s+table\s+(?:if\s+not\s+exists\s+)?([a-z_.]+)/gi)].map(([, name]) => name!.toLowerCase());

/** The tables, of these, that a text reads or writes. */
function named(tables: readonly string[], text: string): string[] {
  if (!SQL.test(text)) return [];
  return tables.filter((table) =>
    new RegExp(
      `\\b(from|into|update|join|table|truncate|only|using|,)\\s+"?${table.replace('.', '\\.')}"?\\b`,
      'i',
    ).test(text),
  );
}

const textsOf = (files: readonly string[]): { path: string; text: string }[] =>
  files.flatMap((path) => textsIn(read(path)).map((text) => ({ path, text })));

const tablesOf = (service: string): string[] =>
  textsOf(productionFiles(`apps/${service}/src`)).flatMap(({ text }) => created(text));

it('finds tables in SQL, and none in prose', () => {
  expect(created('create table if not exists stock (id int); CREATE TABLE x.y ()')).toEqual(['stock', 'x.y']);
  expect(named(['stock'], 'select 1 from stock where a')).toEqual(['stock']);
  expect(named(['stock'], 'select 1 from a, stock s')).toEqual(['stock']);
  expect(named(['stock', 'x.y'], 'with a as (update x.y set b = 1) insert into "stock" values (1)')).toHaveLength(2);
  expect(named(['stock'], 'select 1 from stock_taking')).toEqual([]);
  expect(named(['stock'], 'The pieces are taken from stock')).toEqual([]);
  expect(textsIn("// 'no'\nconst a = `select ${b} from stock`;")).toEqual(['select $ from stock']);
});

describe.each(services)('the tables of %s', (service) => {
  const own = tablesOf(service);

  it('are there', () => {
    expect(own).not.toEqual([]);
  });

  it('are named in no other service’s SQL, nor in a library’s', () => {
    const others = services.filter((other) => other !== service);
    const elsewhere = [
      ...others.flatMap((other) => {
        const theirs = new Set(tablesOf(other));
        const foreign = own.filter((table) => !theirs.has(table));
        return textsOf(filesIn(`apps/${other}/src`)).map((text) => ({ ...text, tables: foreign }));
      }),
      ...textsOf(productionFiles('libs')).map((text) => ({ ...text, tables: own })),
    ];
    const trespasses = elsewhere.flatMap(({ path, text, tables }) =>
      named(tables, text).map((table) => `${path} names ${table}`),
    );
    expect(trespasses).toEqual([]);
  });
});
