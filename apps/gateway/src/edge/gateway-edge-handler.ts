import { Inject, Injectable } from '@nestjs/common';
import { EdgeHandler, refuse } from '@seam/host';
import { CodedError, continueTrace, currentTrace } from '@seam/kernel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { type GatewayLimits, LIMITS } from '../limits.js';
import { type Destination, resolve } from '../routes.js';
import { type Call, isIdempotent } from '../upstream/call.js';
import { Targets } from '../upstream/targets.js';
import { EdgeIdentity } from './edge-identity.js';
import { requestHeaders } from './headers.js';
import { ProxiedAnswer } from './proxied-answer.js';
import { bodyOf, kept } from './request-body.js';

interface Trace {
  readonly traceId: string;
  readonly traceparent: string;
}

/**
 * Passes requests on to the services before the application sees them. Requests that no route matches are left to the
 * application.
 */
@Injectable()
export class GatewayEdgeHandler extends EdgeHandler {
  constructor(
    private readonly targets: Targets,
    private readonly identity: EdgeIdentity,
    @Inject(LIMITS) private readonly limits: GatewayLimits,
  ) {
    super();
  }

  override handle(
    request: IncomingMessage,
    response: ServerResponse,
    next: () => void,
    take: (route: string) => void,
  ): void {
    const url = originForm(request);
    const query = url.indexOf('?');
    const resolved = resolve(request.method ?? '', query < 0 ? url : url.slice(0, query));
    if (resolved === 'own') return next();
    const trace = currentTrace() ?? continueTrace(undefined);
    if (typeof resolved === 'string') {
      take(resolved === 'unknown' ? '/api/unknown' : '/api/refused');
      return refuse(resolved === 'unknown' ? unknownRoute() : ambiguousPath(), request, response, trace.traceId);
    }
    take(resolved.label);
    const { authorization } = request.headers;
    if (authorization === undefined || !resolved.checksToken || this.identity.knows(authorization)) {
      this.pass(request, response, url, resolved, trace);
      return;
    }
    this.identity.check(authorization).then(
      () => this.pass(request, response, url, resolved, trace),
      (error: unknown) => refuse(error, request, response, trace.traceId),
    );
  }

  private pass(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    { service, keyed }: Destination,
    { traceId, traceparent }: Trace,
  ): void {
    if (response.destroyed) return; // The client has disconnected while its token was checked.
    let body: Readable | null;
    try {
      body = bodyOf(request, this.limits.bodyBytes);
    } catch (error) {
      // If the end of a body is not certain, the beginning of the next request is not certain either.
      if (error instanceof CodedError && error.kind === 'invalid') response.setHeader('Connection', 'close');
      refuse(error, request, response, traceId);
      return;
    }
    const { method = '' } = request;
    const idempotent = isIdempotent(method, request.headers, keyed);
    const send = (whole: Call['body']): void => {
      if (response.destroyed) return; // The client has disconnected while its body was read.
      const repeatable = idempotent && (whole === null || whole instanceof Buffer) ? 'always' : 'unsent';
      const call = { method, path, headers: requestHeaders(request, traceparent), body: whole, repeatable } as const;
      const answer = new ProxiedAnswer(request, response, traceId, this.limits.idleMs);
      response.once('close', this.targets.of(service).send(call, answer));
    };
    if (body === null || !idempotent) send(body);
    else this.keep(body, response).then(send, (error: unknown) => refuse(error, request, response, traceId));
  }

  /** Reads a body into memory, so that it can be sent again; stops if the client disconnects. */
  private keep(body: Readable, response: ServerResponse): Promise<Buffer | Readable> {
    const gone = (): void => void body.destroy();
    response.once('close', gone);
    return kept(body, this.limits.keptBytes).finally(() => response.off('close', gone));
  }
}

/** The path and query of a request, also of one in absolute form, as clients of proxies send it (RFC 9112, 3.2.2). */
function originForm({ url = '/' }: IncomingMessage): string {
  if (url.startsWith('/')) return url;
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '');
  return path.startsWith('/') ? path : `/${path}`;
}

const unknownRoute = (): CodedError =>
  new CodedError('not-found', 'GATEWAY.UNKNOWN_ROUTE', 'No service is responsible for this path');

const ambiguousPath = (): CodedError =>
  new CodedError(
    'invalid',
    'GATEWAY.AMBIGUOUS_PATH',
    'The path is ambiguous: it has empty, dot or percent-encoded segments',
  );
