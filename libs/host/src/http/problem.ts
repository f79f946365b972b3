import { HttpException } from '@nestjs/common';
import { CodedError, type ErrorKind } from '@seam/kernel';
import { outageIn } from '@seam/persistence';
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';

/** An error answer (RFC 9457). `code` is stable and for programs; `detail` is for people and may change. */
export const Problem = z
  .object({
    type: z.string().describe('`about:blank`: `status` gives the kind of problem, `code` the exact one'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    traceId: z.string(),
    instance: z.string().describe('The requested path'),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({
    example: {
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'There is nothing at /api/nothing',
      code: 'REQUEST.NOT_FOUND',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      instance: '/api/nothing',
    },
  });
export type Problem = z.infer<typeof Problem>;

const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'precondition-failed': 412,
  unprocessable: 422,
  'too-large': 413,
  'too-many': 429,
  unavailable: 503,
  'bad-answer': 502,
  'timed-out': 504,
};

/** The codes of errors of the framework. */
const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'REQUEST.MALFORMED',
  401: 'AUTH.TOKEN_INVALID',
  403: 'AUTH.FORBIDDEN',
  404: 'REQUEST.NOT_FOUND',
  405: 'REQUEST.METHOD_NOT_ALLOWED',
  408: 'REQUEST.TIMEOUT',
  413: 'REQUEST.BODY_TOO_LARGE',
  415: 'REQUEST.UNSUPPORTED_MEDIA_TYPE',
  429: 'REQUEST.TOO_MANY',
  503: 'SERVICE.UNAVAILABLE',
};

/** The request that an error answers. */
export interface ProblemContext {
  readonly traceId: string;
  /** The path, without the query, where secrets may be. */
  readonly instance: string;
}

/**
 * The answer to any error: expected errors with their own code and text, everything else as `INTERNAL` without its
 * text.
 */
export function problemOf(error: unknown, context: ProblemContext): Problem {
  const { status, code, detail, errors } = describe(error, context);
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    ...context,
    ...(errors === undefined ? {} : { errors: [...errors] }),
  };
}

type Description = Pick<Problem, 'status' | 'code' | 'detail'> & Pick<CodedError, 'errors'>;

function describe(thrown: unknown, context: ProblemContext): Description {
  // Also if it was wrapped in another error.
  const error = outageIn(thrown) ?? thrown;
  if (error instanceof CodedError) {
    return { status: STATUS_OF_KIND[error.kind], code: error.code, detail: error.message, errors: error.errors };
  }
  if (error instanceof HttpException && error.getStatus() < 500) return describeHttp(error, context);
  return { status: 500, code: 'INTERNAL', detail: 'An internal error occurred', errors: undefined };
}

function describeHttp(error: HttpException, { instance }: ProblemContext): Description {
  const status = error.getStatus();
  const refused = bodyRefused(error.cause);
  if (refused !== undefined) return { status, errors: undefined, ...refused };
  const detail = status === 404 ? `There is nothing at ${instance}` : error.message;
  return { status, code: CODE_OF_STATUS[status] ?? 'REQUEST.REFUSED', detail, errors: undefined };
}

/** The reason, for the client, why the body parser refuses a body. */
function bodyRefused(cause: unknown): Pick<Problem, 'code' | 'detail'> | undefined {
  const { type, limit, code } = (cause ?? {}) as { type?: unknown; limit?: unknown; code?: unknown };
  if (type === 'entity.parse.failed') return { code: 'REQUEST.MALFORMED_JSON', detail: 'The body is not JSON' };
  if (type === 'entity.too.large')
    return {
      code: 'REQUEST.BODY_TOO_LARGE',
      detail: `The body is too large: at most ${String(limit)} bytes are accepted`,
    };
  // Of zlib, such as Z_DATA_ERROR.
  if (typeof code === 'string' && code.startsWith('Z_'))
    return { code: 'REQUEST.MALFORMED', detail: 'The body does not match its content-encoding' };
  return undefined;
}
