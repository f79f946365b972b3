import { productionFiles, read, services, textsIn } from './sources.js';

/** Words of the shop: a library that uses one assumes something that another domain does not have. */
const WORDS =
  /(?:stock|\bsku|payment|reservation|customer|price|refund|warehouse|catalogue|\bdemo\b|staffPassword|webhookSecret|order[_-]?id|order's id|\bthe shop\b)/i;

/** Exceptions, where a word has another meaning. */
const ALLOWED: readonly { readonly file: RegExp; readonly line: RegExp; readonly why: string }[] = [
  {
    file: /^libs\/persistence\/src\/postgres\/create\.ts$/,
    line: /catalogue's unique index/,
    why: "PostgreSQL's own catalogue",
  },
];

const libraryFiles = productionFiles('libs').filter((path) => !path.startsWith('libs/contracts/'));

const found = libraryFiles.flatMap((path) =>
  read(path)
    .split('\n')
    .filter((line) => WORDS.test(line))
    .map((line) => ({ path, line: line.trim() })),
);

it('reads the libraries', () => {
  expect(libraryFiles.length).toBeGreaterThan(150);
  expect(libraryFiles).toContain('libs/host/src/start-process.ts');
});

it('finds none of the shop’s words in a library', () => {
  const excused = ({ path, line }: (typeof found)[number]): boolean =>
    ALLOWED.some((allowed) => allowed.file.test(path) && allowed.line.test(line));
  expect(found.filter((one) => !excused(one))).toEqual([]);
});

it.each(ALLOWED)('still needs the exception for $why', ({ file, line }) => {
  expect(found.filter((one) => file.test(one.path) && line.test(one.line))).not.toEqual([]);
});

/** A service of the shop, named in a text that a library shows, sends or stores. */
const NAMED = new RegExp(`(?<![\\w-])(?:${services.join('|')})(?![\\w-])`);

it('names no service of the shop in a library’s texts', () => {
  const named = libraryFiles.flatMap((path) =>
    textsIn(read(path))
      .filter((text) => NAMED.test(text))
      .map((text) => ({ path, text })),
  );
  expect(named).toEqual([]);
});

/** An order of a customer, not the sequence of things, as in SQL. */
const PLACED =
  /\b[Oo]rders\b|\b[Oo]rder's|[a-z]Orders?(?![a-z])|\border-(?!by)[a-z]|\b(?:[Aa]n|[Aa]ny|[Ee]ach|[Ee]very|[Tt]his|[Nn]ew) order\b/;

it.each(['Rebuild the lists of orders', 'an order cannot', 'order-list', 'AddOrders17', "the order's saga"])(
  'would find an order in “%s”',
  (text) => {
    expect(text).toMatch(PLACED);
  },
);

it('names no order in a library’s texts', () => {
  const named = libraryFiles.flatMap((path) =>
    textsIn(read(path))
      .filter((text) => PLACED.test(text))
      .map((text) => ({ path, text })),
  );
  expect(named).toEqual([]);
});
