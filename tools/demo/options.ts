import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export interface Options {
  readonly url: string;
  readonly orders: number;
  readonly staffPassword: string | undefined;
}

/** The demo cannot run with these options: reported in one line, without a stack. */
export class DemoError extends Error {}

export const STAFF_EMAIL = 'staff@seam.local';

export const help = `Drives orders of every kind against a running shop, over HTTP only, and shows how each ended.

  npm run demo -- [options]

  --url <url>               the shop (http://localhost:3000)
  --orders <number>         how many orders, 1 to 1000 (40)
  --staff-password <text>   of ${STAFF_EMAIL}; also SEAM_STAFF_PASSWORD, or
                            SEAM_STAFF_PASSWORD_FILE. It shows each order's saga, ships
                            orders, and restocks what the demo buys
  --help                    this text

It ends with 0 when every order ended as expected, with 1 when one did not, and with 2 when it could not run.
`;

/** The options of the command line and the environment; `undefined` if only the help is requested. */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options | undefined {
  const { url, orders, help: helpWanted, 'staff-password': password } = parsed(args);
  if (helpWanted) return undefined;
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new DemoError(`--url ${url}: must be a URL such as http://localhost:3000`);
  const count = Number(orders);
  if (!Number.isInteger(count) || count < 1 || count > 1_000)
    throw new DemoError(`--orders ${orders}: must be a whole number from 1 to 1000`);
  const given = password ?? (environment['SEAM_STAFF_PASSWORD'] || fromFile(environment['SEAM_STAFF_PASSWORD_FILE']));
  return { url: url.replace(/\/+$/, ''), orders: count, staffPassword: given === '' ? undefined : given };
}

function fromFile(path = ''): string | undefined {
  if (path === '') return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new DemoError(`SEAM_STAFF_PASSWORD_FILE is ${path}: it cannot be read (${(error as Error).message})`);
  }
}

function parsed(args: readonly string[]): {
  url: string;
  orders: string;
  'staff-password'?: string | undefined;
  help: boolean;
} {
  try {
    return parseArgs({
      args: [...args],
      options: {
        url: { type: 'string', default: 'http://localhost:3000' },
        orders: { type: 'string', default: '40' },
        'staff-password': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new DemoError(`${error instanceof Error ? error.message : String(error)} (--help lists the options)`);
  }
}
