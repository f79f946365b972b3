import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A span with the fields that tests check. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  /** OTLP's numbers: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** Of the process (`service.name`). */
  readonly process: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly failed: boolean;
}

interface KeyValue {
  key: string;
  value: Record<string, unknown>;
}

/** Receives traces by OTLP over HTTP as JSON, like a collector. */
export class OtlpReceiver {
  readonly #spans: ReceivedSpan[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OtlpReceiver> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
        if (request.url === '/v1/traces') receiver.#take(JSON.parse(plain.toString('utf8')));
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
    const receiver = new OtlpReceiver(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return receiver;
  }

  /** The environment variables of a process that sends its traces here, soon after they are recorded. */
  get environment(): Record<string, string> {
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    };
  }

  /** The received spans of a trace. */
  trace(traceId: string): readonly ReceivedSpan[] {
    return this.#spans.filter((span) => span.traceId === traceId);
  }

  get spans(): readonly ReceivedSpan[] {
    return this.#spans;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  #take(body: any): void {
    for (const { resource, scopeSpans } of body.resourceSpans) {
      const process = String(valuesOf(resource.attributes)['service.name']);
      for (const { spans } of scopeSpans)
        for (const span of spans)
          this.#spans.push({
            traceId: span.traceId,
            spanId: span.spanId,
            parentSpanId: span.parentSpanId ?? '',
            name: span.name,
            kind: span.kind,
            process,
            attributes: valuesOf(span.attributes ?? []),
            startNs: BigInt(span.startTimeUnixNano),
            endNs: BigInt(span.endTimeUnixNano),
            failed: span.status?.code === 2,
          });
    }
  }
}

const valuesOf = (attributes: KeyValue[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** The trace as an indented list, for the message of a failing test. */
export function drawn(spans: readonly ReceivedSpan[]): string {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const below = (parent: string, depth: number): string[] =>
    spans
      .filter((span) => (ids.has(span.parentSpanId) ? span.parentSpanId : '') === parent)
      .sort((a, b) => Number(a.startNs - b.startNs))
      .flatMap((span) => [
        `${'  '.repeat(depth)}${String(span.attributes['seam.service'])}: ${span.name} ${Number(span.endNs - span.startNs) / 1e6} ms`,
        ...below(span.spanId, depth + 1),
      ]);
  return below('', 0).join('\n');
}
