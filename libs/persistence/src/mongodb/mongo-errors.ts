import { loadedDriver } from './driver.js';

const DUPLICATE_KEY = 11_000;

/**
 * Error codes of a server that is starting, shutting down or not primary, or that could not reach a majority: those of
 * the server discovery and monitoring specification, and those of a write concern that was not fulfilled in time.
 */
const OUTAGES = [6, 7, 64, 79, 89, 91, 100, 134, 189, 262, 9001, 10_107, 11_600, 11_602, 13_435, 13_436];
/**
 * Error codes of a server whose disk is full, or that refuses our login: it will work again when an operator has
 * corrected this.
 */
const NOT_USABLE = [13, 18, 14_031];
const AWAY_CODES = new Set([...OUTAGES, ...NOT_USABLE]);

/** Names of the driver's errors for a connection that does not exist; network errors are recognised by their class. */
const AWAY_NAMES = new Set([
  'MongoServerSelectionError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoServerClosedError',
  'MongoClientClosedError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoOperationTimeoutError',
  'MongoStalePrimaryError',
  'MongoWriteConcernError',
]);

/** A document of a bulk write that the server refused, by its index in the bulk. */
export interface RefusedWrite {
  readonly index: number;
  /** Whether a unique index refused it. */
  readonly duplicate: boolean;
  readonly message: string;
}

/**
 * The documents of a bulk write that were refused, if all others are durable; undefined if nothing is known about any
 * of them, or if this is not an error of a bulk write.
 */
export function refusedWrites(error: unknown): RefusedWrite[] | undefined {
  const driver = loadedDriver();
  if (driver === undefined || !(error instanceof driver.MongoBulkWriteError)) return undefined;
  const refused = [error.writeErrors].flat();
  if (refused.length === 0 || error.result.getWriteConcernError() !== undefined) return undefined;
  return refused.map(({ index, code, errmsg }) => ({
    index,
    duplicate: code === DUPLICATE_KEY,
    message: errmsg ?? 'the server refused it',
  }));
}

/** Whether a unique index refused a write: a single document, or all refused documents of a bulk write. */
export function isDuplicateKey(error: unknown): boolean {
  const refused = refusedWrites(error);
  if (refused !== undefined) return refused.every(({ duplicate }) => duplicate);
  const driver = loadedDriver();
  return driver !== undefined && error instanceof driver.MongoServerError && error.code === DUPLICATE_KEY;
}

/**
 * Whether the server did not answer, or did not confirm durability: then it is unknown whether a write has happened.
 */
export function isMongoAway(error: unknown): boolean {
  const driver = loadedDriver();
  if (driver === undefined || !(error instanceof driver.MongoError)) return false;
  if (error instanceof driver.MongoBulkWriteError) {
    if (refusedWrites(error) !== undefined) return false;
    // The error of a bulk write wraps the error that stopped it. If the wrapped value is not an Error, a write concern
    // was not fulfilled.
    const stopped: unknown = error.errorResponse;
    return !(stopped instanceof Error) || isMongoAway(stopped);
  }
  if (error instanceof driver.MongoNetworkError || AWAY_NAMES.has(error.name)) return true;
  if (error.hasErrorLabel('RetryableWriteError')) return true;
  return error instanceof driver.MongoServerError && typeof error.code === 'number' && AWAY_CODES.has(error.code);
}
