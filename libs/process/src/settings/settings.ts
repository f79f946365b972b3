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
 * The settings from the environment, read once at the start; nothing else reads the environment. The settings of one
 * service are declared beside its definition, and read here by the same rules.
 */
export interface Settings {
  /** 0: any free port. */
  readonly port: number;
  /** Absolute path. */
  readonly dataDirectory: string;
  /** The services to host; empty: all. */
  readonly services: readonly string[] | undefined;
  /** The transport of messages; RabbitMQ if its URL is set. */
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
  /** The URL by which others reach this process; undefined: its first address and its port. */
  readonly advertiseUrl: string | undefined;
  /** How long the start waits for an engine that is not available, ms. */
  readonly waitMs: number;
  /** How long a stopping process still answers after it has left discovery, so that its callers can notice, ms. */
  readonly leaveMs: number;
  /**
   * How long replicas of two versions may run side by side, ms: for this time, work that one replica cannot continue is
   * left to the others before it is set aside or becomes a dead letter.
   */
  readonly rolloutMs: number;
  /** How many days dead letters, and the operators' actions on them, are kept; 0: for ever. */
  readonly deadLetterDays: number;
  /** How late the event loop may be before requests are refused, ms; 0: no request is refused because of load. */
  readonly overloadMs: number;
  /** How long accepted work may wait before it starts, ms; if it waits longer, new work is refused. 0: no limit. */
  readonly backlogMs: number;
  readonly logLevel: LogLevel;
  readonly logFormat: 'pretty' | 'json';
  /** The URL of the keys for access tokens, if the service that issues them runs elsewhere. */
  readonly jwksUrl: string | undefined;
  /** The settings that a service declares. */
  readonly of: <D extends SettingsDeclaration>(declaration: D) => ValuesOf<D>;
  /** Messages about names that look like settings but are not: they have no effect. */
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
    may: 'must be a whole number of milliseconds, or 0 for no limit',
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
    // With several hosts, as of a replica set, `URL` cannot parse it.
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

/** The names of the settings that do not belong to one service. */
export const processSettings: readonly string[] = Object.keys(readers);

/** The settings besides those of the process. */
export interface DeclaredSettings {
  /** Those of the services that may be hosted here: all of them are read, so that the start reports invalid ones. */
  readonly services?: readonly { readonly settings?: SettingsDeclaration }[];
  /** The names of settings of other processes, because all processes often get the same environment. */
  readonly settings?: readonly string[];
}

/** Settings from an environment. Throws one `StartError` for all invalid ones. */
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

/**
 * The declared settings read at once, by `reader`; a declaration that was not passed here is read when it is first
 * used.
 */
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
