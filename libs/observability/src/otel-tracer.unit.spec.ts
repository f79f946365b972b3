import { type Context, context, type Span as OtelSpan, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { startNodeSdk } from '@opentelemetry/sdk-node';
import { CodedError, continueTrace, currentTrace, inSpan, runInTrace, useTracer } from '@seam/kernel';
import { OtelTracer } from './otel-tracer.js';

const ended: any[] = [];
const processor = {
  onStart: (_span: OtelSpan, _context: Context) => undefined,
  onEnd: (span: unknown) => void ended.push(span),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
let sdk: { shutdown(): Promise<void> };

beforeAll(() => {
  sdk = startNodeSdk({ spanProcessors: [processor], metricReaders: [], logRecordProcessors: [] });
  useTracer(new OtelTracer('seam'));
});

afterAll(async () => {
  useTracer(undefined);
  await sdk.shutdown();
});

beforeEach(() => {
  ended.length = 0;
});

const named = (name: string): any => ended.find((span) => span.name === name);
const idOf = (name: string): string => named(name).spanContext().spanId;

it('nests spans in one trace, each with its service, and carries them in traceparent', async () => {
  await inSpan('request', { kind: 'server' }, async () => {
    await Promise.resolve();
    inSpan('handler', { service: 'orders', attributes: { a: 1, b: undefined } }, () => {
      inSpan('step', {}, (span) => {
        expect(span.traceparent).toBe(currentTrace()?.traceparent);
        expect(currentTrace()?.span).toBe(span);
      });
    });
  });
  expect(ended.map((span) => span.name)).toEqual(['step', 'handler', 'request']);
  expect(ended.map((span) => span.attributes['seam.service'])).toEqual(['orders', 'orders', 'seam']);
  expect(named('step').parentSpanContext.spanId).toBe(idOf('handler'));
  expect(named('handler').parentSpanContext.spanId).toBe(idOf('request'));
  expect(named('request').parentSpanContext).toBeUndefined();
  expect([named('request').kind, named('step').kind]).toEqual([SpanKind.SERVER, SpanKind.INTERNAL]);
  expect(new Set(ended.map((span) => span.spanContext().traceId)).size).toBe(1);
});

it('continues a given traceparent, whatever span is active', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const parent = `00-${traceId}-00f067aa0ba902b7-01`;
  inSpan('around', {}, () => {
    inSpan('message', { kind: 'consumer', parent, correlationId: 'order-1' }, () => {
      expect(currentTrace()).toMatchObject({ traceId, correlationId: 'order-1' });
      runInTrace(continueTrace(currentTrace()?.traceparent), () =>
        inSpan('inner', {}, () => expect(currentTrace()).toMatchObject({ traceId, correlationId: 'order-1' })),
      );
    });
  });
  expect(named('message').parentSpanContext).toMatchObject({ traceId, spanId: '00f067aa0ba902b7' });
  expect(named('inner').parentSpanContext.spanId).toBe(idOf('message'));
  inSpan('started', { parent: 'no traceparent' }, () => undefined);
  expect(named('started').parentSpanContext).toBeUndefined();
});

it('continues a trace that was current without a span', () => {
  const current = continueTrace(undefined);
  runInTrace(current, () => inSpan('a', {}, () => undefined));
  expect(named('a').spanContext().traceId).toBe(current.traceId);
});

it("is the child or the parent of spans made by OpenTelemetry's own API", () => {
  inSpan('ours', {}, () => {
    trace.getTracer('other').startActiveSpan('theirs', (span) => {
      inSpan('ours again', {}, () => expect(trace.getSpanContext(context.active())).toBeDefined());
      span.end();
    });
  });
  expect(named('theirs').parentSpanContext.spanId).toBe(idOf('ours'));
  expect(named('ours again').parentSpanContext.spanId).toBe(idOf('theirs'));
});

it('distinguishes failures from refusals, and records no secrets', async () => {
  const bug = new Error('no mail to ada@example.org');
  await expect(inSpan('bug', {}, () => Promise.reject(bug))).rejects.toBe(bug);
  const refusal = new CodedError('conflict', 'ORDER.NOT_CANCELLABLE', 'It has been shipped');
  expect(() =>
    inSpan('refused', {}, () => {
      throw refusal;
    }),
  ).toThrow(refusal);
  inSpan('given up', {}, (span) => {
    span.event('attempt failed', { reason: 'tok_visa_1' });
    span.rename('dead-lettered');
    span.fail('ada@example.org');
  });
  expect(named('bug')).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': 'Error' } });
  expect(named('refused')).toMatchObject({
    status: { code: SpanStatusCode.UNSET },
    attributes: { 'error.type': 'ORDER.NOT_CANCELLABLE' },
  });
  expect(named('dead-lettered').status.code).toBe(SpanStatusCode.ERROR);
  const exported = ended.map(({ status, attributes, events }) => JSON.stringify([status, attributes, events])).join();
  expect(exported).not.toMatch(/ada@|tok_visa/);
});
