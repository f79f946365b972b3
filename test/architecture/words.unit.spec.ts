import { productionFiles, read } from './sources.js';

/** Words of the shop: a library that says one has taken something for granted that another domain does not have. */
const WORDS =
  /(?:stock|\bsku|payment|reservation|customer|price|refund|warehouse|catalogue|\bdemo\b|staffPassword|webhookSecret|[Oo]rderId|order's id)/i;

/** Where one stands for something else, or still has to go. */
const ALLOWED: readonly { readonly file: RegExp; readonly line: RegExp; readonly why: string }[] = [
  {
    file: /^libs\/persistence\/src\/database\/create\.ts$/,
    line: /catalogue's unique index/,
    why: "PostgreSQL's own catalogue",
  },
  {
    file: /^libs\/observability\/src\/json-logger\.ts$/,
    line: /orderId: correlationId|`traceId` and `orderId`/,
    why: 'a field of the log lines that searches and dashboards name',
  },
  {
    file: /^libs\/host\/src\/(?:settings\.ts|docs\/configure-home\.ts)$/,
    line: /such as orders,payments|products, orders and their sagas, stock, payments/,
    why: 'texts that users see: an example of names, and the page at /',
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
  expect(libraryFiles).toContain('libs/host/src/settings.ts');
});

it('finds none of the shop’s words in a library', () => {
  const excused = ({ path, line }: (typeof found)[number]): boolean =>
    ALLOWED.some((allowed) => allowed.file.test(path) && allowed.line.test(line));
  expect(found.filter((one) => !excused(one))).toEqual([]);
});

it.each(ALLOWED)('still needs the exception for $why', ({ file, line }) => {
  expect(found.filter((one) => file.test(one.path) && line.test(one.line))).not.toEqual([]);
});
