import { continueTrace, currentTrace, inSpan, isTracing, runInTrace, type Span, useTracer } from './trace.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

describe('continueTrace', () => {
  it('continues a traceparent, and begins a new trace if that is missing or malformed', () => {
    expect(continueTrace(traceparent, 'order-1')).toEqual({ traceId, traceparent, correlationId: 'order-1' });
    for (const bad of [undefined, '', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `${traceparent}-x`]) {
      const started = continueTrace(bad);
      expect(started.traceId).not.toBe(traceId);
      expect(continueTrace(started.traceparent)).toEqual(started);
    }
  });

  it('returns the current trace if the traceparent is its own', () => {
    const current = continueTrace(traceparent, 'order-1');
    runInTrace(current, () => expect(continueTrace(traceparent)).toBe(current));
  });
});

describe('inSpan', () => {
  afterEach(() => {
    useTracer(undefined);
  });

  it('only runs the work if nothing is recorded', async () => {
    expect(isTracing()).toBe(false);
    expect(inSpan('a', {}, (span) => [span.traceparent, currentTrace()])).toEqual([undefined, undefined]);
    await expect(inSpan('a', {}, () => Promise.reject(new Error('own')))).rejects.toThrow('own');
  });

  it('runs the work by the tracer', () => {
    const names: string[] = [];
    useTracer({
      inSpan: (name, _options, work) => {
        names.push(name);
        return work({ traceparent } as Span);
      },
    });
    expect(isTracing()).toBe(true);
    expect(inSpan('a', {}, (span) => span.traceparent)).toBe(traceparent);
    expect(names).toEqual(['a']);
  });
});
