import {
  type Context,
  context,
  createContextKey,
  type Span as OtelSpan,
  SpanKind,
  type SpanContext,
  SpanStatusCode,
  trace,
  type Tracer as OtelApiTracer,
} from '@opentelemetry/api';
import {
  type Attributes,
  CodedError,
  currentTrace,
  runInTrace,
  type Span,
  type SpanOptions,
  type Tracer,
} from '@seam/kernel';
import { redact } from './redact.js';

const KINDS: Readonly<Record<NonNullable<SpanOptions['kind']>, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/** Names the service of a span, in one process as in many. */
const SERVICE = 'seam.service';
const serviceKey = createContextKey(SERVICE);

/**
 * The kernel's spans as OpenTelemetry's, by the provider that is registered globally. A span is the current one for
 * both while its work runs, so that spans made by OpenTelemetry's own API are children of ours, and ours of
 * theirs.
 */
export class OtelTracer implements Tracer {
  /** One per service. */
  readonly #tracers = new Map<string, OtelApiTracer>();

  /** @param process the name for spans that belong to no service */
  constructor(private readonly process: string) {}

  inSpan<T>(name: string, options: SpanOptions, work: (span: Span) => T): T {
    const around = parentOf(options);
    const service = options.service ?? (around.getValue(serviceKey) as string | undefined) ?? this.process;
    const kind = KINDS[options.kind ?? 'internal'];
    const attributes = { ...options.attributes, [SERVICE]: service };
    const otel = this.#tracerOf(service).startSpan(name, { kind, attributes }, around);
    const { traceId, ...rest } = otel.spanContext();
    const span = new RecordedSpan(otel, format({ traceId, ...rest }));
    const current = currentTrace();
    const correlationId = options.correlationId ?? current?.correlationId;
    const within = trace.setSpan(around.setValue(serviceKey, service), otel);
    return runInTrace({ traceId, traceparent: span.traceparent, correlationId, actor: current?.actor, span }, () =>
      context.with(within, () => untilSettled(otel, () => work(span))),
    );
  }

  #tracerOf(service: string): OtelApiTracer {
    let tracer = this.#tracers.get(service);
    if (tracer === undefined) this.#tracers.set(service, (tracer = trace.getTracer(`seam.${service}`)));
    return tracer;
  }
}

class RecordedSpan implements Span {
  constructor(
    private readonly otel: OtelSpan,
    readonly traceparent: string,
  ) {}

  set(attributes: Attributes): void {
    this.otel.setAttributes(attributes);
  }

  rename(name: string): void {
    this.otel.updateName(name);
  }

  event(name: string, attributes: Attributes = {}): void {
    const safe = Object.entries(attributes).map(([key, value]) => [
      key,
      typeof value === 'string' ? redact(value) : value,
    ]);
    this.otel.addEvent(name, Object.fromEntries(safe) as Attributes);
  }

  fail(reason: string): void {
    this.otel.setStatus({ code: SpanStatusCode.ERROR, message: redact(reason) });
  }
}

/** The parent of a new span: the given one, otherwise the innermost active span, from any library. */
function parentOf({ parent }: SpanOptions): Context {
  const active = context.active();
  const current = currentTrace();
  const innermost = trace.getSpanContext(active);
  if (parent === undefined && innermost !== undefined && (current?.traceId ?? innermost.traceId) === innermost.traceId)
    return active;
  const continued = parse(parent ?? current?.traceparent);
  return continued === undefined ? trace.deleteSpan(active) : trace.setSpanContext(active, continued);
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Parses a W3C `traceparent`; undefined if it is missing or invalid. */
function parse(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

const format = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`;

/** Ends the span when the work has returned, or its promise has settled. */
function untilSettled<T>(span: OtelSpan, work: () => T): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    failed(span, error);
    span.end();
    throw error;
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  return result.then(
    (value: unknown) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      failed(span, error);
      span.end();
      throw error;
    },
  ) as T;
}

/** An expected refusal is an answer and has a code; only an unexpected error is a failure. */
function failed(span: OtelSpan, error: unknown): void {
  if (error instanceof CodedError && error.kind !== 'unavailable') {
    span.setAttribute('error.type', error.code);
    return;
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  span.recordException({ name, message: redact(message), ...(stack === undefined ? {} : { stack: redact(stack) }) });
  span.setAttribute('error.type', error instanceof CodedError ? error.code : name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: redact(message) });
}
