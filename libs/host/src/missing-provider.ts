import { UnknownDependenciesException } from '@nestjs/core/errors/exceptions/unknown-dependencies.exception.js';
import { StartError } from '@seam/process';

/**
 * Where a part of a service needs what no module of the service provides, such as a port whose adapter was forgotten: the
 * same in words for whoever has written the module. None for any other error.
 */
export function missingProvider(error: unknown): StartError | undefined {
  if (!(error instanceof UnknownDependenciesException)) return undefined;
  const needed = nameOf(error.context.name);
  // Of a type that is gone at runtime Nest knows best what to do.
  if (needed === undefined || needed === 'Object') return undefined;
  const module = moduleOf(error) ?? 'the module';
  return new StartError(
    `${module} lacks an adapter: ${nameOf(error.type) ?? 'a provider'} needs ${needed}, and nothing provides it there.\n` +
      `Add { provide: ${needed}, useClass: … } to the providers of ${module}, or import a module that exports ${needed}.`,
    { cause: error },
  );
}

/** The exception keeps its module's id alone; the name is in its message. */
const moduleOf = ({ message }: Error): string | undefined => /available in the (\w+) module/.exec(message)?.[1];

function nameOf(token: unknown): string | undefined {
  if (typeof token === 'function') return token.name;
  if (typeof token === 'symbol') return token.description;
  return typeof token === 'string' ? token : undefined;
}
