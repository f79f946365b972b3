import { Inject, Injectable } from '@nestjs/common';
import { Front, refuse } from '@seam/host';
import { CodedError, continueTrace, currentTrace } from '@seam/kernel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type GatewayLimits, LIMITS } from '../limits.js';
import { type Destination, resolve } from '../routes.js';
import { repeatable } from '../upstream/call.js';
import { Targets } from '../upstream/targets.js';
import { EdgeIdentity } from './edge-identity.js';
import { requestHeaders } from './headers.js';
import { ProxiedAnswer } from './proxied-answer.js';
import { bodyOf } from './request-body.js';

/** Passes requests on to the services, before the application sees them; what no route leads to is left to it. */
@Injectable()
export class GatewayFront extends Front {
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
    { service }: Destination,
    { traceId, traceparent }: { readonly traceId: string; readonly traceparent: string },
  ): void {
    if (response.destroyed) return; // Its client has gone while the token was checked.
    let body;
    try {
      body = bodyOf(request, this.limits.bodyBytes);
    } catch (error) {
      // Where a body's end is not certain, nobody can say where the next request begins.
      if (error instanceof CodedError && error.kind === 'invalid') response.setHeader('Connection', 'close');
      refuse(error, request, response, traceId);
      return;
    }
    const method = request.method ?? '';
    const call = {
      method,
      path,
      headers: requestHeaders(request, traceparent),
      body,
      repeatable: repeatable(method, body !== null, request.headers['idempotency-key'] !== undefined),
    };
    const abort = this.targets
      .of(service)
      .send(call, new ProxiedAnswer(request, response, traceId, this.limits.idleMs));
    response.once('close', abort);
  }
}

/** The path and query of a request, also of one in absolute form, as clients of proxies send it (RFC 9112, 3.2.2). */
function originForm({ url = '/' }: IncomingMessage): string {
  if (url.startsWith('/')) return url;
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '');
  return path.startsWith('/') ? path : `/${path}`;
}

const unknownRoute = (): CodedError =>
  new CodedError('not-found', 'GATEWAY.UNKNOWN_ROUTE', 'No service answers for this path');

const ambiguousPath = (): CodedError =>
  new CodedError(
    'invalid',
    'GATEWAY.AMBIGUOUS_PATH',
    'The path has empty, dot or encoded parts that mean several things',
  );
