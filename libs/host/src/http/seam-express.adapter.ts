import { ExpressAdapter } from '@nestjs/platform-express';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { RequestFilter } from '../front.js';
import { answerClientErrors } from './client-error.js';
import { inRequestTrace } from './request-trace.js';

/** Express over a server that closes slow senders: headers within 15 s, the whole request within 30, looked at every 5. */
export class SeamExpressAdapter extends ExpressAdapter {
  /** Sees each request first, and passes on what it leaves to the application. */
  front: RequestFilter | undefined;

  override initHttpServer(): void {
    const express = this.getInstance<RequestListener>();
    const server: Server = createServer(
      { headersTimeout: 15_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 5_000 },
      (request, response) => {
        inRequestTrace(request, response, () => {
          if (this.front === undefined) express(request, response);
          else this.front(request, response, () => express(request, response));
        });
      },
    );
    answerClientErrors(server);
    this.httpServer = server;
  }
}
