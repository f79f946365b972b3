import { loadedDriver } from './driver.js';

const DUPLICATE_KEY = 11_000;

/**
 * What a server says that is on its way up, down or out of office, or could not reach its majority: by the codes of
 * the server discovery and monitoring specification, and those of a write concern that was not met in time.
 */
const OUTAGES = [6, 7, 64, 79, 89, 91, 100, 134, 189, 262, 9001, 10_107, 11_600, 11_602, 13_435, 13_436];
/** That its disk is full, or does not let us in: it will do the same again, once somebody has looked after it. */
const UNFIT = [13, 18, 14_031];
const AWAY_CODES = new Set([...OUTAGES, ...UNFIT]);

/** What the driver's errors are called that come of a connection which is not there; the network's are a class. */
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

/** One document of a write of many that the server refused, by its place among them. */
export interface RefusedWrite {
  readonly index: number;
  /** Whether a unique index did. */
  readonly duplicate: boolean;
  readonly message: string;
}

/**
 * The documents of a write of many that were refused, where the others are durable; undefined where nothing is known
 * of any of them, or the error is none of such a write.
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

/** Whether a unique index refused a write: of one document, or of all that were refused of many. */
export function isDuplicateKey(error: unknown): boolean {
  const refused = refusedWrites(error);
  if (refused !== undefined) return refused.every(({ duplicate }) => duplicate);
  const driver = loadedDriver();
  return driver !== undefined && error instanceof driver.MongoServerError && error.code === DUPLICATE_KEY;
}

/** Whether the server did not answer, or not for good: then nobody knows what became of a write. */
export function isMongoAway(error: unknown): boolean {
  const driver = loadedDriver();
  if (driver === undefined || !(error instanceof driver.MongoError)) return false;
  if (error instanceof driver.MongoBulkWriteError) {
    if (refusedWrites(error) !== undefined) return false;
    // A write of many wraps what stopped it; what it wraps that is no error is a write concern that was not met.
    const stopped: unknown = error.errorResponse;
    return !(stopped instanceof Error) || isMongoAway(stopped);
  }
  if (error instanceof driver.MongoNetworkError || AWAY_NAMES.has(error.name)) return true;
  if (error.hasErrorLabel('RetryableWriteError')) return true;
  return error instanceof driver.MongoServerError && typeof error.code === 'number' && AWAY_CODES.has(error.code);
}
