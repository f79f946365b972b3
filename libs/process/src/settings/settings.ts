import { resolve } from 'node:path';
import { parsePeers } from '@seam/discovery';
import { z } from 'zod';
import {
  type Environment,
  type Reader,
  type SettingsDeclaration,
  SettingsReader,
  type ValuesOf,
} from './settings-reader.js';
import { unknownSettings } from './unknown-settings.js';

/**
 * What the environment says, read once at the start; nothing else reads the environment. What only one service knows of
 * is declared beside its definition, and read here by the same rules.
 */
export interface Settings {
  /** 0 takes any free port. */
  readonly port: number;
  /** Absolute path. */
  readonly dataDirectory: string;
  /** The services to host; none named: all. */
  readonly services: readonly string[] | undefined;
  /** What carries messages; RabbitMQ where its URL is set. */
  readonly transport: 'in-process' | 'rabbitmq';
  /** A PostgreSQL server to use instead of the embedded one; its database name is replaced by each service's own. */
  readonly databaseUrl: string | undefined;
  readonly mongodbUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly clickhouseUrl: string | undefined;
  readonly rabbitmqUrl: string | undefined;
  readonly consulUrl: string | undefined;
  /** Base URLs of other services by name, if there is no registry. */
  readonly peers: Readonly<Record<string, readonly string[]>> | undefined;
  /** The URL others reach this process by; none: its first address and its port. */
  readonly advertiseUrl: string | undefined;
  /** How long the start waits for an engine that is away, ms. */
  readonly waitMs: number;
  /** How long a stopping process goes on answering after it has left discovery, until those who call it have noticed. */
  readonly leaveMs: number;
  /**
   * How long replicas of two versions may run side by side, ms: for so long, what one cannot go on with is left to the
   * others before it is set aside or a dead letter.
   */
  readonly rolloutMs: number;
  /** How many days dead letters, and what was done with them, are kept; 0: for ever. */
  readonly deadLetterDays: number;
  /** How late the event loop may be before requests are refused, ms; 0: nothing is ever refused for load. */
  readonly overloadMs: number;
  /** How long accepted work may wait for its turn before new work is refused, ms; 0: however long. */
  readonly backlogMs: number;
  readonly logLevel: LogLevel;
  readonly logFormat: 'pretty' | 'json';
  /** Where the keys for access tokens are published, where the service that issues them runs elsewhere. */
  readonly jwksUrl: string | undefined;
  /** The settings of a service, as it declares them. */
  readonly of: <D extends SettingsDeclaration>(declaration: D) => ValuesOf<D>;
  /** Names that look like settings and are none, in words: what was meant by them has no effect. */
  readonly unknown: readonly string[];
}

const LogLevel = z.enum(['error', 'warn', 'info', 'debug']);
export type LogLevel = z.infer<typeof LogLevel>;

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
  },
  SEAM_DATA: { schema: z.string().transform((path) => resolve(path)), may: 'must be a directory' },
  SEAM_SERVICES: {
    schema: z
      .string()
      .transform((text) => text.split(',').map((name) => name.trim()))
      .pipe(z.array(z.string().regex(/^[a-z-]+$/)).min(1)),
    may: 'must be names of services, separated by commas, such as one-service,another',
  },
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
    may: 'must be like one-service=http://host:3001,another=http://one:3002|http://two:3002',
  },
  SEAM_ADVERTISE: {
    schema: url('http:', 'https:'),
    may: 'must be the http or https URL at which other processes reach this one',
  },
  SEAM_WAIT_S: {
    schema: z
      .string()
      .regex(/^\d{1,4}$/)
      .transform((text) => Number(text) * 1_000),
    may: 'must be a whole number of seconds',
  },
  SEAM_LEAVE_S: {
    schema: z
      .string()
      .regex(/^\d{1,2}$/)
      .transform((text) => Number(text) * 1_000)
      .pipe(z.number().max(10_000)),
    may: 'must be a whole number of seconds, at most 10',
  },
  SEAM_ROLLOUT_S: {
    schema: z
      .string()
      .regex(/^\d{1,5}$/)
      .transform((text) => Number(text) * 1_000),
    may: 'must be a whole number of seconds',
  },
  SEAM_DEAD_LETTER_DAYS: {
    schema: z
      .string()
      .regex(/^\d{1,4}$/)
      .transform(Number),
    may: 'must be a whole number of days, or 0 to keep them for ever',
  },
  SEAM_OVERLOAD_MS: {
    schema: z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number),
    may: 'must be a whole number of milliseconds, or 0 to refuse nothing',
  },
  SEAM_BACKLOG_MS: {
    schema: z
      .string()
      .regex(/^\d{1,6}$/)
      .transform(Number),
    may: 'must be a whole number of milliseconds, or 0 to let work wait however long',
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
} satisfies Record<string, Reader<unknown>>;

type Readers = typeof readers;

/** The names of the settings that are no service's own. */
export const processSettings: readonly string[] = Object.keys(readers);

/** What else there is to set besides the process' own settings. */
export interface DeclaredSettings {
  /** Of the services that may be hosted here: all of them are read, so that a bad one is named at the start. */
  readonly services?: readonly { readonly settings?: SettingsDeclaration }[];
  /** The names of settings that other processes may have, which are often given to all of them alike. */
  readonly settings?: readonly string[];
}

/** Settings from an environment. Throws one `StartError` for all bad ones. */
export function readSettings(
  environment: Environment,
  { services = [], settings: elsewhere = [] }: DeclaredSettings = {},
): Settings {
  const reader = new SettingsReader(environment);
  const read = <K extends keyof Readers>(name: K): z.infer<Readers[K]['schema']> | undefined =>
    reader.read(name, readers[name] as Reader<z.infer<Readers[K]['schema']>>);
  const rabbitmqUrl = read('RABBITMQ_URL');
  const consulUrl = read('CONSUL_URL');
  const declarations = services.flatMap(({ settings }) => (settings === undefined ? [] : [settings]));
  const declared = declarations.flatMap((declaration) => Object.values(declaration).map(({ name }) => name));
  const settings: Settings = {
    port: read('PORT') ?? 3000,
    dataDirectory: read('SEAM_DATA') ?? resolve('.seam'),
    services: read('SEAM_SERVICES'),
    transport: read('SEAM_TRANSPORT') ?? (rabbitmqUrl === undefined ? 'in-process' : 'rabbitmq'),
    databaseUrl: read('DATABASE_URL'),
    mongodbUrl: read('MONGODB_URL'),
    redisUrl: read('REDIS_URL'),
    clickhouseUrl: read('CLICKHOUSE_URL'),
    rabbitmqUrl,
    consulUrl,
    peers: read('SEAM_PEERS'),
    advertiseUrl: read('SEAM_ADVERTISE'),
    waitMs: read('SEAM_WAIT_S') ?? 60_000,
    leaveMs: read('SEAM_LEAVE_S') ?? (consulUrl === undefined ? 0 : 1_000),
    rolloutMs: read('SEAM_ROLLOUT_S') ?? 300_000,
    deadLetterDays: read('SEAM_DEAD_LETTER_DAYS') ?? 90,
    overloadMs: read('SEAM_OVERLOAD_MS') ?? 200,
    backlogMs: read('SEAM_BACKLOG_MS') ?? 1_000,
    logLevel: read('SEAM_LOG') ?? 'info',
    logFormat: read('SEAM_LOG_FORMAT') ?? 'pretty',
    jwksUrl: read('SEAM_JWKS_URL'),
    of: valuesFrom(environment, reader, declarations),
    unknown: unknownSettings(environment, [...processSettings, ...declared, ...elsewhere]),
  };
  if (settings.transport === 'rabbitmq' && rabbitmqUrl === undefined)
    reader.refuse('SEAM_TRANSPORT is "rabbitmq": RABBITMQ_URL must be the URL of the broker');
  reader.finish();
  return settings;
}

/** The declared settings read at once, by `reader`; a declaration that was not passed here is read when it is first used. */
function valuesFrom(
  environment: Environment,
  reader: SettingsReader,
  declarations: readonly SettingsDeclaration[],
): Settings['of'] {
  const values = new Map<SettingsDeclaration, unknown>(declarations.map((one) => [one, reader.values(one)]));
  return <D extends SettingsDeclaration>(declaration: D): ValuesOf<D> => {
    if (!values.has(declaration)) {
      const late = new SettingsReader(environment);
      values.set(declaration, late.values(declaration));
      late.finish();
    }
    return values.get(declaration) as ValuesOf<D>;
  };
}
