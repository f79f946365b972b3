import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from '@seam/process';
import type { InFlight } from './http/in-flight.js';
import { nameRequest } from './http/request-trace.js';

/**
 * Runs before the application and answers some requests by itself, without Express and Nest, such as a proxy. A provider
 * of the service that names it in its definition.
 */
export abstract class EdgeHandler {
  /**
   * Called for every request. Either takes it, by calling `take` with a label of its route for the metrics (one per
   * route, never per path) before anything is answered, or leaves it to the application, by calling `next`.
   */
  abstract handle(
    request: IncomingMessage,
    response: ServerResponse,
    next: () => void,
    take: (route: string) => void,
  ): void;
}

export type RequestFilter = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** An edge handler whose requests are counted and timed like the application's. */
export function observed(edgeHandler: EdgeHandler, inFlight: InFlight, metrics: Metrics): RequestFilter {
  return (request, response, next) => {
    edgeHandler.handle(request, response, next, (route) => {
      inFlight.add(response);
      nameRequest(request.method ?? '', route);
      metrics.time(request.method ?? '', response, () => route);
    });
  };
}
