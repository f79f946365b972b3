import { MethodNotAllowedException } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Request, RequestHandler } from 'express';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { RequestFilter } from '../edge-handler.js';
import { answerClientErrors } from './client-error.js';
import type { Overload } from './overload.js';
import { refuseForLoad } from './refuse-for-load.js';
import { inRequestTrace } from './request-trace.js';
import { checkRoutes, methodsAt, type Routed } from './routes.js';

/** Express on a server that closes slow senders: headers within 15 s, the whole request within 30 s, checked every 5 s. */
export class SeamExpressAdapter extends ExpressAdapter {
  /** Gets each request first, and passes on those that it leaves to the application. */
  edgeHandler: RequestFilter | undefined;
  /** Refuses requests before anything else handles them, if the process is overloaded. */
  overload: Pick<Overload, 'refusalOf' | 'neverRefused'> | undefined;

  override initHttpServer(): void {
    const express = this.getInstance<RequestListener>();
    const server: Server = createServer(
      { headersTimeout: 15_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 5_000 },
      (request, response) => {
        const refusal = this.overload?.refusalOf(request);
        if (refusal !== undefined) {
          refuseForLoad(refusal, request, response);
          return;
        }
        inRequestTrace(request, response, () => {
          if (this.edgeHandler === undefined) express(request, response);
          else this.edgeHandler(request, response, () => express(request, response));
        });
      },
    );
    answerClientErrors(server);
    this.httpServer = server;
  }

  /** Called when every route is there, and before anything else starts. A known path with another method is answered with 405. */
  override setNotFoundHandler(...[notFound, ...rest]: Parameters<ExpressAdapter['setNotFoundHandler']>): unknown {
    const app = this.getInstance<Routed>();
    checkRoutes(app);
    const handler: RequestHandler = (request, response, next) => {
      const methods = methodsAt(app, request.path);
      // The route of this method, if there is one, has called `next`: it has no answer.
      if (methods.length === 0 || methods.includes(request.method)) {
        (notFound as RequestHandler)(request, response, next);
        return;
      }
      response.setHeader('Allow', methods.join(', '));
      next(notAllowed(request, methods));
    };
    return super.setNotFoundHandler(handler, ...rest);
  }
}

const notAllowed = ({ method, path }: Request, methods: readonly string[]): Error =>
  new MethodNotAllowedException(`${path} does not support ${method}, only ${methods.join(', ')}`);
