import { type PipeTransform, StandardSchemaValidationPipe } from '@nestjs/common';
import { CodedError } from '@seam/kernel';

/** As a Standard Schema reports it; zod adds the names of unknown fields. */
interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly keys?: readonly string[];
}

const MAX_ERRORS = 50;

/** Validates each parameter that declares a schema: `@Body({ schema })`. An invalid one is `REQUEST.INVALID`. */
export const validation = (): PipeTransform =>
  new StandardSchemaValidationPipe({ exceptionFactory: (issues) => invalidRequest(issues) });

/** One error per invalid field, with dots in the path: `items.0.quantity`. */
export function invalidRequest(issues: readonly Issue[]): CodedError {
  const errors = issues.flatMap(errorsOf).slice(0, MAX_ERRORS);
  return new CodedError('invalid', 'REQUEST.INVALID', 'The request is invalid', errors);
}

function errorsOf({ message, path = [], keys }: Issue): { path: string; message: string }[] {
  const steps = path.map((step) => String(typeof step === 'object' ? step.key : step));
  if (keys === undefined) return [{ path: steps.join('.'), message }];
  return keys.map((key) => ({ path: [...steps, key].join('.'), message: 'Unknown field' }));
}
