import { resolve } from 'node:path';
import { z } from 'zod';
import { StartError } from './start-error.js';

/** What the environment says, read once at the start; nothing else reads the environment. */
export interface Settings {
  /** 0 takes any free port. */
  readonly port: number;
  /** Absolute path. */
  readonly dataDirectory: string;
  /** The services to host; none named: all. */
  readonly services: readonly string[] | undefined;
  readonly demo: boolean;
  readonly staffPassword: string | undefined;
  readonly transport: 'in-process';
  /** A PostgreSQL server to use instead of the embedded one; its database name is replaced by each service's own. */
  readonly databaseUrl: string | undefined;
  readonly logLevel: LogLevel;
  readonly smtpUrl: string | undefined;
  /** Where the keys for access tokens are published, where the users service runs elsewhere. */
  readonly jwksUrl: string | undefined;
  /** What payment webhooks may be signed with: one secret, or two while one replaces the other; none: webhooks are off. */
  readonly webhookSecrets: readonly string[];
}

const LogLevel = z.enum(['error', 'warn', 'info', 'debug']);
export type LogLevel = z.infer<typeof LogLevel>;

/** One setting: how its text is read, and in words what it may be. */
interface Reader<T> {
  readonly schema: z.ZodType<T>;
  readonly may: string;
  readonly secret?: boolean;
}

const url = (...protocols: string[]): z.ZodType<string> =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol));

const readers = {
  PORT: {
    schema: z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number)
      .pipe(z.int().max(65_535)),
    may: 'must be a whole number from 0 to 65535',
  } satisfies Reader<number>,
  SEAM_DATA: { schema: z.string().transform((path) => resolve(path)), may: 'must be a directory' },
  SEAM_SERVICES: {
    schema: z
      .string()
      .transform((text) => text.split(',').map((name) => name.trim()))
      .pipe(z.array(z.string().regex(/^[a-z-]+$/)).min(1)),
    may: 'must be names of services with commas between them, such as orders,payments',
  },
  SEAM_DEMO: { schema: z.enum(['true', 'false']).transform((text) => text === 'true'), may: 'must be true or false' },
  SEAM_STAFF_PASSWORD: { schema: z.string().min(8).max(128), may: 'must have 8 to 128 characters', secret: true },
  SEAM_TRANSPORT: { schema: z.literal('in-process'), may: 'may only be in-process in this version' },
  SEAM_LOG: { schema: LogLevel, may: `must be one of ${LogLevel.options.join(', ')}` },
  SEAM_JWKS_URL: { schema: url('http:', 'https:'), may: 'must be an http or https URL' },
  DATABASE_URL: {
    schema: url('postgres:', 'postgresql:'),
    may: 'must be a URL such as postgresql://user:password@host:5432',
    secret: true,
  },
  SMTP_URL: {
    schema: url('smtp:', 'smtps:'),
    may: 'must be a URL such as smtp://user:password@host:587',
    secret: true,
  },
  SEAM_WEBHOOK_SECRETS: {
    schema: z
      .string()
      .transform((text) => text.split(',').map((secret) => secret.trim()))
      .pipe(z.array(z.string().min(16)).min(1).max(2)),
    may: 'must be one or two secrets of at least 16 characters, with a comma between',
    secret: true,
  },
};

const UNSUPPORTED = ['MONGODB_URL', 'REDIS_URL', 'CLICKHOUSE_URL', 'RABBITMQ_URL', 'CONSUL_URL'] as const;

type Environment = Readonly<Record<string, string | undefined>>;
type Readers = typeof readers;

/** Settings from an environment; an empty value counts as unset. Throws one {@link StartError} for all bad ones. */
export function readSettings(environment: Environment): Settings {
  const wrong: string[] = [];
  const read = <K extends keyof Readers>(name: K): z.infer<Readers[K]['schema']> | undefined => {
    const text = environment[name];
    if (text === undefined || text === '') return undefined;
    const { schema, may, secret } = readers[name] as Reader<z.infer<Readers[K]['schema']>>;
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    wrong.push(secret === true ? `${name}: ${may}` : `${name} is ${JSON.stringify(text)}: ${may}`);
    return undefined;
  };
  const settings: Settings = {
    port: read('PORT') ?? 3000,
    dataDirectory: read('SEAM_DATA') ?? resolve('.seam'),
    services: read('SEAM_SERVICES'),
    demo: read('SEAM_DEMO') ?? true,
    staffPassword: read('SEAM_STAFF_PASSWORD'),
    transport: read('SEAM_TRANSPORT') ?? 'in-process',
    databaseUrl: read('DATABASE_URL'),
    logLevel: read('SEAM_LOG') ?? 'info',
    smtpUrl: read('SMTP_URL'),
    jwksUrl: read('SEAM_JWKS_URL'),
    webhookSecrets: read('SEAM_WEBHOOK_SECRETS') ?? [],
  };
  for (const name of UNSUPPORTED) {
    if ((environment[name] ?? '') !== '') wrong.push(`${name}: not supported by this version yet; unset it`);
  }
  if (wrong.length > 0) throw new StartError(`Seam cannot start with these settings:\n  ${wrong.join('\n  ')}`);
  return settings;
}
