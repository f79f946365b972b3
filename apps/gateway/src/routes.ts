/**
 * A route from a path prefix to a service. A prefix matches whole segments, in upper or lower case, as in the services
 * themselves.
 */
interface Route {
  readonly prefix: string;
  readonly service: string;
  /**
   * The paths below the prefix (or the prefix itself, as '') where a token is ignored, as the service also ignores it:
   * for example, a client logs in because its token has expired. With a method, only for that method.
   */
  readonly tokenIgnored?: readonly string[];
  /** The paths below the prefix where repeated POSTs with the same `Idempotency-Key` are executed only once. */
  readonly keyed?: RegExp;
}

export const ROUTES: readonly Route[] = [
  { prefix: '/api/users', service: 'users', tokenIgnored: ['POST '] },
  { prefix: '/api/auth', service: 'users', tokenIgnored: ['', '/*'] },
  { prefix: '/.well-known/jwks.json', service: 'users', tokenIgnored: [''] },
  { prefix: '/api/products', service: 'products' },
  { prefix: '/api/orders', service: 'orders', keyed: /^\/?$/ },
  { prefix: '/api/set-aside', service: 'orders' },
  { prefix: '/api/inventory', service: 'inventory', keyed: /^\/[^/]+\/(?:receipts|corrections)\/?$/i },
  { prefix: '/api/payments', service: 'payments', tokenIgnored: ['/webhooks/*'] },
  { prefix: '/api/notifications', service: 'notifications' },
  { prefix: '/api/analytics', service: 'analytics' },
];

/** The services that run sagas: the gateway asks all of them. */
export const SERVICES_WITH_SAGAS: readonly string[] = ['orders'];
export const SAGAS_PATH = '/api/sagas';

/** Prefixes below /api that the gateway itself handles. */
const OWN_PREFIXES: readonly string[] = ['/api/gateway', '/api/dead-letters', '/api/messages', SAGAS_PATH];
const OWN_PATHS: readonly RegExp[] = [/^\/api\/orders\/[^/]+\/overview\/?$/i];

/** Every service behind the gateway. */
export const SERVICES: readonly string[] = [...new Set(ROUTES.map(({ service }) => service))];

export interface Destination {
  readonly service: string;
  /** The label in metrics: one per prefix. */
  readonly label: string;
  readonly checksToken: boolean;
  /** Whether `Idempotency-Key` has an effect there. */
  readonly keyed: boolean;
}

/**
 * `own`: handled by the gateway's own application; `unknown`: no service has this path; `refused`: the path is
 * ambiguous.
 */
export type Resolved = Destination | 'own' | 'unknown' | 'refused';

interface Entry {
  readonly checked: Destination;
  readonly unchecked: Destination;
  readonly keyed: { readonly paths: RegExp; readonly destination: Destination } | undefined;
  readonly ignored: readonly { readonly method: string; readonly path: string; readonly deep: boolean }[];
}

const entries = new Map<string, Entry>(
  ROUTES.map(({ prefix, service, tokenIgnored = [], keyed: paths }) => {
    const checked = { service, label: `${prefix}/*`, checksToken: true, keyed: false };
    const unchecked = { ...checked, checksToken: false };
    const keyed = paths && { paths, destination: { ...checked, keyed: true } };
    const ignored = tokenIgnored.map((text) => {
      const [, method = '', path = '', star = ''] = /^(?:([A-Z]+) )?([^*]*)(\*?)$/.exec(text) ?? [];
      return { method, path, deep: star !== '' };
    });
    return [prefix, { checked, unchecked, keyed, ignored }];
  }),
);
const own = new Set(OWN_PREFIXES);

/**
 * Parts of paths that servers interpret differently: empty and dot segments, also encoded ones, backslashes, encoded
 * slashes, NUL. Such a path could lead to one service here and to another one elsewhere.
 */
const AMBIGUOUS = /\/\/|[\\#]|%2f|%5c|%00|\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** Finds the destination of a path, which has no query and begins with a slash. */
export function resolve(method: string, path: string): Resolved {
  const key = keyOf(path);
  if (key === undefined) return 'own';
  if (AMBIGUOUS.test(path)) return 'refused';
  const prefix = entries.has(key) || own.has(key) ? key : key.toLowerCase();
  if (own.has(prefix)) return 'own';
  const entry = entries.get(prefix);
  if (entry === undefined) return 'unknown';
  if (OWN_PATHS.some((pattern) => pattern.test(path))) return 'own';
  const below = path.slice(prefix.length);
  if (entry.ignored.length > 0 && ignoresToken(entry, method, below)) return entry.unchecked;
  return entry.keyed?.paths.test(below) === true ? entry.keyed.destination : entry.checked;
}

/** The first two segments of a path under /api or /.well-known; undefined for any other path. */
function keyOf(path: string): string | undefined {
  const first = path.indexOf('/', 1);
  const segment = (first < 0 ? path : path.slice(0, first)).toLowerCase();
  if (segment !== '/api' && segment !== '/.well-known') return undefined;
  const second = first < 0 ? -1 : path.indexOf('/', first + 1);
  return second < 0 ? path : path.slice(0, second);
}

function ignoresToken({ ignored }: Entry, method: string, below: string): boolean {
  const rest = below === '/' ? '' : below.toLowerCase();
  return ignored.some(
    (one) => (one.method === '' || one.method === method) && (one.deep ? rest.startsWith(one.path) : rest === one.path),
  );
}
