import { UnknownDependenciesException } from '@nestjs/core/errors/exceptions/unknown-dependencies.exception.js';
import { StartError } from '@seam/process';

/**
 * If a provider of a service needs something that no module of the service provides, such as a port without an adapter:
 * an error whose message says what to do, for the author of the module. Undefined for any other error.
 */
export function missingProvider(error: unknown): StartError | undefined {
  if (!(error instanceof UnknownDependenciesException)) return undefined;
  const needed = nameOf(error.context.name);
  // For a type that does not exist at runtime, Nest's own message is better.
  if (needed === undefined || needed === 'Object') return undefined;
  const module = moduleOf(error) ?? 'the module';
  return new StartError(
    `${module} lacks an adapter: ${nameOf(error.type) ?? 'a provider'} needs ${needed}, and nothing provides it there.\n` +
      `Add { provide: ${needed}, useClass: … } to the providers of ${module}, or import a module that exports ${needed}.`,
    { cause: error },
  );
}

/** The exception only has the id of its module; the name is in its message. */
const moduleOf = ({ message }: Error): string | undefined => /available in the (\w+) module/.exec(message)?.[1];

function nameOf(token: unknown): string | undefined {
  if (typeof token === 'function') return token.name;
  if (typeof token === 'symbol') return token.description;
  return typeof token === 'string' ? token : undefined;
}
