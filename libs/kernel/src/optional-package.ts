/** A setting needs a package that is not installed. The message says which one, and how to get it. */
export class PackageMissingError extends Error {
  override readonly name = 'PackageMissingError';

  constructor(
    /** For example `MESSAGING.PACKAGE_MISSING`; stable, for logs and tests. */
    readonly code: string,
    message: string,
    options: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Node's error code for a package that is not installed; the message has its name in quotation marks. */
const missingPackage = /^Cannot find (?:package|module) '([^'./][^']*)'/;

/**
 * Loads code that needs an optional package. Rejects with {@link PackageMissingError} where that is not installed;
 * `setting` is the one that needs it. Any other failure is passed on unchanged.
 */
export async function loadOptional<T>(setting: string, area: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const name = error instanceof Error ? missingPackage.exec(error.message)?.[1] : undefined;
    if (name === undefined) throw error;
    throw new PackageMissingError(
      `${area}.PACKAGE_MISSING`,
      `${setting} is set, and the package ${name} is not installed. Install it with "npm install ${name}", or unset ${setting}.`,
      { cause: error },
    );
  }
}
