import type { NextFunction, Request, Response } from 'express';
import type { ServerResponse } from 'node:http';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { watchMemory } from './memory.js';

const MEASURE_WITHIN_MS = 500;

/** For the whole Node process, even if a test starts several Seam processes in it. */
let nodeMetrics: Registry | undefined;

function defaultMetrics(): Registry {
  if (nodeMetrics === undefined) {
    nodeMetrics = new Registry();
    collectDefaultMetrics({ register: nodeMetrics });
    watchMemory(nodeMetrics);
  }
  return nodeMetrics;
}

/** The metrics of a process; a service adds its own to `registry`. */
export class Metrics {
  readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of requests, by route template',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });

  /** Measures the duration of each request by route template, so that ids in paths do not create time series. */
  readonly middleware = (request: Request, response: Response, next: NextFunction): void => {
    this.time(request.method, response, () => (request.route as { path?: string } | undefined)?.path ?? 'unmatched');
    next();
  };

  /** Measures one request from now until it is answered; `route` is called then. */
  time(method: string, response: ServerResponse, route: () => string): void {
    const started = performance.now();
    response.once('finish', () => {
      const seconds = (performance.now() - started) / 1_000;
      this.requests.observe({ method, route: route(), status: response.statusCode }, seconds);
    });
  }

  private readonly measuring: (() => Promise<void>)[] = [];

  /**
   * For values that are measured only when the metrics are read; must not reject. A value that takes longer than half a
   * second stays unchanged: the metrics are needed most when something does not answer.
   */
  beforeRead(measure: () => Promise<void>): void {
    this.measuring.push(measure);
  }

  /** In the text format of Prometheus. */
  async text(): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((over) => (timer = setTimeout(over, MEASURE_WITHIN_MS)));
    await Promise.race([Promise.all(this.measuring.map((measure) => measure())), late]);
    clearTimeout(timer);
    return Registry.merge([defaultMetrics(), this.registry]).metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }
}
