import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parsePeers } from '@seam/discovery';
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
  /** What carries messages; RabbitMQ where its URL is set. */
  readonly transport: 'in-process' | 'rabbitmq';
  /** A PostgreSQL server to use instead of the embedded one; its database name is replaced by each service's own. */
  readonly databaseUrl: string | undefined;
  readonly mongodbUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly clickhouseUrl: string | undefined;
  readonly rabbitmqUrl: string | undefined;
  readonly consulUrl: string | undefined;
  /** Where other services are, where no registry tells: base URLs by service. */
  readonly peers: Readonly<Record<string, readonly string[]>> | undefined;
  /** The URL others reach this process by; none: its first address and its port. */
  readonly advertiseUrl: string | undefined;
  /** How long the start waits for an engine that is away, ms. */
  readonly waitMs: number;
  /** How long an order holds its pieces while it is neither confirmed nor released, ms. */
  readonly reservationMs: number;
  readonly logLevel: LogLevel;
  readonly logFormat: 'pretty' | 'json';
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
  SEAM_TRANSPORT: { schema: z.enum(['in-process', 'rabbitmq']), may: 'must be in-process or rabbitmq' },
  SEAM_PEERS: {
    schema: z.string().transform((text, context) => {
      try {
        return parsePeers(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: String(error) });
        return z.NEVER;
      }
    }),
    may: 'must be like users=http://host:3001,orders=http://one:3002|http://two:3002',
  },
  SEAM_ADVERTISE: { schema: url('http:', 'https:'), may: 'must be the http or https URL others reach this process by' },
  SEAM_WAIT_S: {
    schema: z
      .string()
      .regex(/^\d{1,4}$/)
      .transform((text) => Number(text) * 1_000),
    may: 'must be a whole number of seconds',
  },
  SEAM_RESERVATION_S: {
    schema: z
      .string()
      .regex(/^[1-9]\d{0,7}$/)
      .transform((text) => Number(text) * 1_000),
    may: 'must be a whole number of seconds, at least 1',
  },
  SEAM_LOG_FORMAT: { schema: z.enum(['pretty', 'json']), may: 'must be pretty or json' },
  SEAM_LOG: { schema: LogLevel, may: `must be one of ${LogLevel.options.join(', ')}` },
  SEAM_JWKS_URL: { schema: url('http:', 'https:'), may: 'must be an http or https URL' },
  DATABASE_URL: {
    schema: url('postgres:', 'postgresql:'),
    may: 'must be a URL such as postgresql://user:password@host:5432',
    secret: true,
  },
  MONGODB_URL: {
    // Several hosts, of a replica set, make it a URL that `URL` knows nothing of.
    schema: z.string().regex(/^mongodb(\+srv)?:\/\/(?:[^\s/@]+@)?[^\s/?@]+(?:[/?]\S*)?$/),
    may: 'must be a URL such as mongodb://user:password@host:27017',
    secret: true,
  },
  REDIS_URL: {
    schema: url('redis:', 'rediss:'),
    may: 'must be a URL such as redis://:password@host:6379',
    secret: true,
  },
  CLICKHOUSE_URL: {
    schema: url('http:', 'https:'),
    may: 'must be a URL such as http://user:password@host:8123',
    secret: true,
  },
  RABBITMQ_URL: {
    schema: url('amqp:', 'amqps:'),
    may: 'must be a URL such as amqp://user:password@host:5672',
    secret: true,
  },
  CONSUL_URL: { schema: url('http:', 'https:'), may: 'must be a URL such as http://host:8500', secret: true },
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

type Environment = Readonly<Record<string, string | undefined>>;
type Readers = typeof readers;

/**
 * Settings from an environment; an empty value counts as unset, and `NAME_FILE` names a file that holds the value of
 * `NAME`, as secrets are given to containers. Throws one {@link StartError} for all bad ones.
 */
export function readSettings(environment: Environment): Settings {
  const wrong: string[] = [];
  const read = <K extends keyof Readers>(name: K): z.infer<Readers[K]['schema']> | undefined => {
    const text = textOf(environment, name, wrong);
    if (text === undefined) return undefined;
    const { schema, may, secret } = readers[name] as Reader<z.infer<Readers[K]['schema']>>;
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    wrong.push(secret === true ? `${name}: ${may}` : `${name} is ${JSON.stringify(text)}: ${may}`);
    return undefined;
  };
  const rabbitmqUrl = read('RABBITMQ_URL');
  const settings: Settings = {
    port: read('PORT') ?? 3000,
    dataDirectory: read('SEAM_DATA') ?? resolve('.seam'),
    services: read('SEAM_SERVICES'),
    demo: read('SEAM_DEMO') ?? true,
    staffPassword: read('SEAM_STAFF_PASSWORD'),
    transport: read('SEAM_TRANSPORT') ?? (rabbitmqUrl === undefined ? 'in-process' : 'rabbitmq'),
    databaseUrl: read('DATABASE_URL'),
    mongodbUrl: read('MONGODB_URL'),
    redisUrl: read('REDIS_URL'),
    clickhouseUrl: read('CLICKHOUSE_URL'),
    rabbitmqUrl,
    consulUrl: read('CONSUL_URL'),
    peers: read('SEAM_PEERS'),
    advertiseUrl: read('SEAM_ADVERTISE'),
    waitMs: read('SEAM_WAIT_S') ?? 60_000,
    reservationMs: read('SEAM_RESERVATION_S') ?? 86_400_000,
    logLevel: read('SEAM_LOG') ?? 'info',
    logFormat: read('SEAM_LOG_FORMAT') ?? 'pretty',
    smtpUrl: read('SMTP_URL'),
    jwksUrl: read('SEAM_JWKS_URL'),
    webhookSecrets: read('SEAM_WEBHOOK_SECRETS') ?? [],
  };
  if (settings.transport === 'rabbitmq' && rabbitmqUrl === undefined)
    wrong.push('SEAM_TRANSPORT is "rabbitmq": then RABBITMQ_URL must say where the broker is');
  if (wrong.length > 0) throw new StartError(`Seam cannot start with these settings:\n  ${wrong.join('\n  ')}`);
  return settings;
}

function textOf(environment: Environment, name: keyof Readers, wrong: string[]): string | undefined {
  const text = environment[name] ?? '';
  const file = environment[`${name}_FILE`] ?? '';
  if (file === '') return text === '' ? undefined : text;
  if (text !== '') {
    wrong.push(`${name} and ${name}_FILE are both set: unset one`);
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    wrong.push(`${name}_FILE is ${JSON.stringify(file)}: it cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
}
