import type { Connection, mongo, Mongoose } from 'mongoose';
import { awaitEngine, placeOf } from '../await-engine.js';
import { AvailabilityMonitor } from '../availability-monitor.js';
import { loadedDriver, loadMongoose } from './driver.js';
import { guardedCollection } from './guarded-collection.js';
import { isMongoAway } from './mongo-errors.js';
import type { MongoCollectionSpec } from './collection-spec.js';
import { guardedModel, type MongoModel, modelOf, type MongoModelSpec } from './mongo-model.js';
import { watchHeartbeats } from './watch-heartbeats.js';

export type MongoCollection<D extends mongo.Document> = mongo.Collection<D>;
export type MongoFilter<D extends mongo.Document> = mongo.Filter<D>;

export interface MongoDatabaseOptions {
  /** The service: its database is `seam_<service>`, and `seam-<service>` is the name of its connections. */
  readonly service: string;
  /**
   * `mongodb://user:password@host:port`, or `mongodb+srv:`. A database in the URL is only the one that the user
   * authenticates against.
   */
  readonly url: string;
  readonly collections: readonly MongoCollectionSpec[];
  /** Default `seam_<service>`. */
  readonly database?: string;
  /** How long `open` waits for a server that is not available, ms. */
  readonly waitMs: number;
  /** Maximum time for an answer of a server that is available, ms; default 15,000. */
  readonly answerMs?: number;
  readonly log: (line: string) => void;
  /** Called when the server becomes unavailable, and when it is available again. */
  readonly warn?: (line: string) => void;
}

/**
 * Longer than the election of a new primary takes when the old one steps down; after the loss of a primary it may take
 * longer.
 */
const FIND_A_SERVER_MS = 5_000;
const ANSWER_MS = 15_000;
const HEARTBEAT_MS = 5_000;
const HEARTBEAT_ANSWER_MS = 3_000;

/**
 * One service's own MongoDB database, using mongoose's connection. Nothing is buffered while the server is unavailable:
 * operations then reject with a `StoreAwayError` within 2 s. A server that is available has 15 s to answer.
 *
 * A resolved write is durable on a majority of the servers, or on the only one; reads see only data that is durable in
 * this way. What is written with every order (commits, the order of events, the rows of views) uses the driver's own
 * collections: this data was decided and checked before, and mongoose's casting costs time on the hot path. All other
 * documents have models.
 */
export class MongoDatabase {
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly mongoose: Mongoose,
    private readonly connection: Connection,
    private readonly db: mongo.Db,
    private readonly monitor: AvailabilityMonitor,
    private readonly unwatch: () => Promise<void>,
  ) {}

  /**
   * Waits for the server, connects, and creates missing indexes. Several processes may do so at once. Rejects with an
   * `EngineUnavailableError` that names MONGODB_URL, and then leaves no connection open.
   */
  static open(options: MongoDatabaseOptions): Promise<MongoDatabase> {
    const { url, waitMs, log } = options;
    return awaitEngine({
      engine: 'MongoDB',
      setting: 'MONGODB_URL',
      url,
      waitMs,
      log,
      fatalReason,
      connect: () => MongoDatabase.connect(options),
    });
  }

  private static async connect(options: MongoDatabaseOptions): Promise<MongoDatabase> {
    const { service, url, collections, database } = options;
    const name = database ?? `seam_${service.replaceAll('-', '_')}`;
    const mongoose = await loadMongoose();
    const connection = mongoose.createConnection();
    try {
      await connection.openUri(url, {
        dbName: name,
        appName: `seam-${service}`,
        bufferCommands: false,
        autoIndex: false,
        autoCreate: false,
        serverSelectionTimeoutMS: FIND_A_SERVER_MS,
        // Also the limit for one heartbeat of a server.
        connectTimeoutMS: HEARTBEAT_ANSWER_MS,
        heartbeatFrequencyMS: HEARTBEAT_MS,
        waitQueueTimeoutMS: FIND_A_SERVER_MS,
        // The limit for one answer. The driver has no limit for a whole operation any more (timeoutMS has no effect).
        socketTimeoutMS: options.answerMs ?? ANSWER_MS,
        maxPoolSize: 10,
        // As in JSON: a property that is undefined is left out.
        ignoreUndefined: true,
        retryWrites: true,
        readPreference: 'primary',
        readConcern: { level: 'majority' },
        writeConcern: { w: 'majority', journal: true },
      });
    } catch (error) {
      await connection.close(true).catch(() => undefined);
      throw error;
    }
    const opened = MongoDatabase.over(mongoose, connection, name, options);
    try {
      for (const collection of collections) await opened.ensure(collection);
    } catch (error) {
      await opened.close().catch(() => undefined);
      throw error;
    }
    return opened;
  }

  private static over(
    mongoose: Mongoose,
    connection: Connection,
    name: string,
    options: MongoDatabaseOptions,
  ): MongoDatabase {
    const { url, log, warn = () => undefined } = options;
    const client = connection.getClient();
    const db = client.db(name);
    const unwatch = watchHeartbeats(client, { everyMs: HEARTBEAT_MS, answerMs: HEARTBEAT_ANSWER_MS, log });
    const probe = (): Promise<unknown> => db.command({ ping: 1 });
    const monitor = new AvailabilityMonitor({
      engine: 'MongoDB',
      at: placeOf(url),
      probe,
      isAway: isMongoAway,
      log: warn,
    });
    return new MongoDatabase(mongoose, connection, db, monitor, unwatch);
  }

  get name(): string {
    return this.db.databaseName;
  }

  collection<D extends mongo.Document>(name: string): MongoCollection<D> {
    return guardedCollection(this.db.collection<D>(name), this.monitor);
  }

  /** The mongoose model of a collection; its indexes are created when the database is opened. */
  model<D>(spec: MongoModelSpec<D>): MongoModel<D> {
    return guardedModel(modelOf(this.mongoose, this.connection, spec), this.monitor);
  }

  /**
   * Creates the indexes of a collection that exists only for a time; idempotent. Those of all other collections are
   * created when the database is opened.
   */
  async ensure({ name, indexes }: MongoCollectionSpec): Promise<void> {
    // In one call: if two clients create the same collection at once, the server may refuse one of them.
    if (indexes.length > 0) await this.collection(name).createIndexes([...indexes]);
  }

  /** The names of the collections that begin with this prefix. */
  async collectionsNamed(prefix: string): Promise<string[]> {
    const all = await this.monitor.run(() => this.db.listCollections({}, { nameOnly: true }).toArray());
    return all.map(({ name }) => name).filter((name) => name.startsWith(prefix));
  }

  /**
   * Drops a collection. It may not exist, or another process may drop it at the same time: servers before 7.0 report an
   * error for that, which is ignored.
   */
  async drop(name: string): Promise<void> {
    try {
      await this.monitor.run(() => this.db.dropCollection(name));
    } catch (error) {
      if (!isNotThere(error)) throw error;
    }
  }

  /** Resolves when the server has answered; see {@link AvailabilityMonitor.answers}. */
  answers(): Promise<void> {
    return this.monitor.answers(() => this.monitor.run(() => this.db.command({ ping: 1 })));
  }

  /** Safe to call twice. */
  close(): Promise<void> {
    this.monitor.close();
    return (this.closing ??= this.#close());
  }

  async #close(): Promise<void> {
    await Promise.all([this.unwatch(), this.connection.close()]);
  }
}

const NAMESPACE_NOT_FOUND = 26;
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;
const ATLAS_ERROR = 8_000;
const INDEX_OPTIONS_CONFLICT = 85;
const INDEX_KEY_SPECS_CONFLICT = 86;
const DUPLICATE_KEY = 11_000;

/** Some servers report this error only by its message. */
function isNotThere(error: unknown): boolean {
  const driver = loadedDriver();
  if (driver === undefined || !(error instanceof driver.MongoServerError)) return false;
  return error.code === NAMESPACE_NOT_FOUND || error.message === 'ns not found';
}

function fatalReason(error: unknown): string | undefined {
  const driver = loadedDriver();
  if (driver === undefined) return undefined;
  if (error instanceof driver.MongoServerError) return refusal(error);
  if (error instanceof driver.MongoCompatibilityError) return `this server is too old or too new: ${error.message}`;
  if (error instanceof driver.MongoMissingDependencyError)
    return `this URL needs a package that is not installed: ${error.message}`;
  if (error instanceof driver.MongoParseError || error instanceof driver.MongoInvalidArgumentError)
    return `the URL cannot be used: expected mongodb://user:password@host:port (${error.name})`;
  return undefined;
}

function refusal({ code, message }: { code?: number | string; message: string }): string | undefined {
  switch (code) {
    case AUTHENTICATION_FAILED:
    case ATLAS_ERROR:
      return 'the user or the password is wrong, or the user belongs to another database: correct them, or add ?authSource=';
    case UNAUTHORIZED:
      return `the user has too few permissions: give it the role readWrite on Seam's database (${message})`;
    case INDEX_OPTIONS_CONFLICT:
    case INDEX_KEY_SPECS_CONFLICT:
    case DUPLICATE_KEY:
      return `an index that this version needs cannot be created: ${message}`;
    default:
      return undefined;
  }
}
