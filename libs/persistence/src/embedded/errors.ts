/** Why the embedded PostgreSQL could not be used; stable, for logs and tests. */
export type EmbeddedPostgresFailure =
  | 'PERSISTENCE.UNSUPPORTED_PLATFORM'
  | 'PERSISTENCE.NO_PERMISSION'
  | 'PERSISTENCE.DISK_FULL'
  | 'PERSISTENCE.DATA_DIRECTORY_UNUSABLE'
  | 'PERSISTENCE.SERVER_FAILED';

/** The embedded PostgreSQL cannot start. The message says what to do; `cause` is the original failure. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';

  constructor(
    readonly code: EmbeddedPostgresFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Another running process uses the data directory. Nothing was changed on disk. */
export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError';
  readonly code = 'PERSISTENCE.DATA_DIRECTORY_IN_USE';

  /** `pid`: the process that uses the directory, if that could be found out. */
  constructor(
    readonly directory: string,
    readonly pid: number | undefined,
  ) {
    const holder = pid === undefined ? 'another Seam process' : `another Seam process (pid ${pid})`;
    super(
      `The data directory ${directory} is in use by ${holder}. ` +
        'Stop that process first, or give this one a directory of its own with SEAM_DATA=<directory>.',
    );
  }
}

/**
 * Converts an error of the file system or of a child process into one that says what to do. An EmbeddedPostgresError is
 * returned unchanged.
 */
export function explain(error: unknown, directory: string): Error {
  if (error instanceof EmbeddedPostgresError || error instanceof DataDirectoryInUseError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const text = error instanceof Error ? error.message : String(error);
  if (
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    /no space left on device|disk quota exceeded|wrote only \d+ of/i.test(text)
  ) {
    return new EmbeddedPostgresError(
      'PERSISTENCE.DISK_FULL',
      `No space left for the database in ${directory}. Free some space, or set SEAM_DATA to a directory elsewhere. (${text})`,
      { cause: error },
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || /permission denied/i.test(text)) {
    return new EmbeddedPostgresError(
      'PERSISTENCE.NO_PERMISSION',
      `Not enough permission for the database in ${directory}. Make it writable for this user, set SEAM_DATA to a ` +
        `directory that is, or set DATABASE_URL to use a PostgreSQL server of your own. (${text})`,
      { cause: error },
    );
  }
  const noDirectory = (error as NodeJS.ErrnoException | undefined)?.syscall === 'mkdir' || code === 'ENOTDIR';
  if (noDirectory || code === 'ENAMETOOLONG' || code === 'ELOOP') {
    return new EmbeddedPostgresError(
      'PERSISTENCE.DATA_DIRECTORY_UNUSABLE',
      `The data directory ${directory} cannot be created. Set SEAM_DATA to another directory. (${text})`,
      { cause: error },
    );
  }
  if (/could not look up effective user ID/.test(text)) {
    return new EmbeddedPostgresError(
      'PERSISTENCE.NO_PERMISSION',
      'PostgreSQL needs a user with a name, but this user has no entry in /etc/passwd. Start Seam as another user, or ' +
        `set DATABASE_URL to a PostgreSQL server of your own. (${text})`,
      { cause: error },
    );
  }
  return new EmbeddedPostgresError('PERSISTENCE.SERVER_FAILED', `The embedded PostgreSQL failed: ${text}`, {
    cause: error,
  });
}
