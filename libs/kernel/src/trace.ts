import { AsyncLocalStorage } from 'node:async_hooks';
import { takeRandom } from './random.js';

/** The caller of a request, as its access token says. */
export interface Actor {
  readonly id: string;
  readonly role: string;
}

/** The context in which a request or a message is handled: passed on through calls, messages and answers. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** W3C Trace Context header of this part of the work. */
  readonly traceparent: string;
  /** Of the message being handled. */
  readonly correlationId?: string | undefined;
  /** The caller of the request being handled, once its token was verified. */
  actor?: Actor | undefined;
  /** The span that records this part of the work; undefined if nothing is recorded. */
  readonly span?: Span;
}

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A part of a trace that is being recorded. */
export interface Span {
  /** The header that continues it in another process; undefined if nothing is recorded. */
  readonly traceparent: string | undefined;
  set(attributes: Attributes): void;
  rename(name: string): void;
  /** Adds an event at the current time. */
  event(name: string, attributes?: Attributes): void;
  /** Marks it as failed. Not needed for a rejection or a thrown error, which is recorded anyway. */
  fail(reason: string): void;
}

export interface SpanOptions {
  /** The service it is part of; default: that of the span around it. */
  readonly service?: string;
  /** As OpenTelemetry has them; default `internal`. */
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes?: Attributes;
  /** The `traceparent` it continues; default: the current trace. One that is malformed begins a trace. */
  readonly parent?: string | undefined;
  readonly correlationId?: string | undefined;
}

/** Records spans. */
export interface Tracer {
  /** Runs the work within a new span, which is the work's current trace and ends with it, as {@link inSpan} specifies. */
  inSpan<T>(name: string, options: SpanOptions, work: (span: Span) => T): T;
}

const storage = new AsyncLocalStorage<TraceContext>();
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

const randomHex = (digits: number): string => takeRandom(digits / 2).toString('hex');

/**
 * Continues the trace of a `traceparent`, or starts one where it is missing or malformed (as W3C Trace Context requires).
 * The current trace is its own continuation.
 */
export function continueTrace(traceparent: string | undefined, correlationId?: string): TraceContext {
  const current = storage.getStore();
  if (current !== undefined && current.traceparent === traceparent) return current;
  const traceId = traceparent === undefined ? undefined : TRACEPARENT.exec(traceparent)?.[1];
  if (traceparent !== undefined && traceId !== undefined) return { traceId, traceparent, correlationId };
  const fresh = randomHex(32);
  return { traceId: fresh, traceparent: `00-${fresh}-${randomHex(16)}-01`, correlationId };
}

export const runInTrace = <T>(context: TraceContext, work: () => T): T => storage.run(context, work);

/** From now on, this actor is the caller of the request being handled. */
export function setActor(actor: Actor): void {
  const current = storage.getStore();
  if (current !== undefined) current.actor = actor;
}

export const currentTrace = (): TraceContext | undefined => storage.getStore();

let tracer: Tracer | undefined;

/** From now on this tracer records spans; undefined: none are recorded, as before the first call. */
export function useTracer(used: Tracer | undefined): void {
  tracer = used;
}

/** Whether spans are recorded: checked where describing a span would cost time for every message. */
export const isTracing = (): boolean => tracer !== undefined;

const unrecorded: Span = {
  traceparent: undefined,
  set: () => undefined,
  rename: () => undefined,
  event: () => undefined,
  fail: () => undefined,
};

/**
 * Runs the work as a span of the current trace, and returns its result. The span ends when the work returns, or
 * when the promise it returns settles; an error marks it as failed, and goes on to the caller. Where nothing is
 * recorded this is the work and nothing else.
 */
export const inSpan = <T>(name: string, options: SpanOptions, work: (span: Span) => T): T =>
  tracer === undefined ? work(unrecorded) : tracer.inSpan(name, options, work);
