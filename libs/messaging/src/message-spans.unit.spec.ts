import { Logger } from '@nestjs/common';
import { continueTrace, currentTrace, runInTrace, type Span, type SpanOptions, useTracer } from '@seam/kernel';
import { type Cause, Committer } from './committer.js';
import { Consumer, type ConsumerObserver } from './consumer.js';
import type { Handler } from './message-handlers.js';
import { PermanentError } from './retry-policy.js';
import { message, Receiver } from './testing/receiving-rig.js';
import { TracedCommitter } from './traced-committer.js';
import { described, type Work, work } from './work.js';

interface Recorded {
  name: string;
  options: SpanOptions;
  attributes: Record<string, unknown>;
  events: string[];
  failure?: string;
}

const traceId = 'a'.repeat(32);
const parentOf = (index: number): string => `00-${traceId}-${String(index).padStart(16, '0')}-01`;
let spans: Recorded[];

beforeAll(() => {
  Logger.overrideLogger(false);
  useTracer({
    inSpan: (name, options, run) => {
      const recorded: Recorded = { name, options, attributes: {}, events: [] };
      const span: Span = {
        traceparent: parentOf(spans.push(recorded)),
        set: (attributes) => Object.assign(recorded.attributes, attributes),
        rename: () => undefined,
        event: (event) => void recorded.events.push(event),
        fail: (reason) => (recorded.failure = reason),
      };
      const correlationId = options.correlationId;
      return runInTrace({ ...continueTrace(span.traceparent), correlationId, span }, () => run(span));
    },
  });
});
afterAll(() => {
  useTracer(undefined);
});
beforeEach(() => {
  spans = [];
});

const posted = { type: 'x.done.v1', kind: 'event' as const, correlationId: 'order-1', data: {} };
const done = work({ name: 'test' }, undefined, () => ({ value: 7, messages: [posted] }));

/** Settles each work at once, and records its arguments. */
class Settling extends Committer {
  readonly causes: (Cause | undefined)[] = [];
  traceparent: string | undefined;

  override commit<T>(handed: Work<T>): Promise<T> {
    this.traceparent = currentTrace()?.traceparent;
    return Promise.resolve(handed.settle(undefined).value);
  }

  override handle(handed: Work, cause: Cause): Promise<'done'> {
    this.causes.push(cause);
    handed.settle(undefined);
    return Promise.resolve('done');
  }

  override idle(): Promise<void> {
    return Promise.resolve();
  }
}

const handlerOf = (handle: () => Work): Handler => ({
  handler: 'test/x',
  invoke: () => Promise.resolve().then(handle),
});

describe('a message', () => {
  it('is a span of its trace, and the messages of its commit continue from the commit', async () => {
    const inner = new Settling();
    const committer = new TracedCommitter('test', inner, 'postgresql');
    const { deadLetters } = new Receiver('test');
    const consumer = new Consumer({ service: 'test', committer, deadLetters, system: 'rabbitmq' });
    const sent = message('x.do.v1', { traceparent: `00-${traceId}-${'b'.repeat(16)}-01`, correlationId: 'order-1' });
    await consumer.consume(
      sent,
      handlerOf(() => done),
    );
    expect(spans).toMatchObject([
      {
        name: 'process x.do.v1',
        options: {
          service: 'test',
          kind: 'consumer',
          parent: sent.traceparent,
          attributes: {
            'messaging.system': 'rabbitmq',
            'messaging.message.id': sent.id,
            'seam.correlation_id': 'order-1',
          },
        },
        attributes: { 'seam.outcome': 'done' },
      },
      {
        name: 'commit test',
        options: { kind: 'client', parent: parentOf(1), attributes: { 'db.system.name': 'postgresql' } },
        attributes: { 'seam.correlation_id': 'order-1' },
      },
    ]);
    expect(inner.causes).toMatchObject([{ messageId: sent.id, traceparent: parentOf(2) }]);
  });

  it("has each run of its handler's method as a span, of the service it belongs to", async () => {
    const { deadLetters } = new Receiver('test');
    const consumer = new Consumer({ service: 'test', committer: new Settling(), deadLetters });
    const handler = { ...handlerOf(() => done), method: 'Handlers.take' };
    await consumer.consume(message('x.do.v1'), handler);
    expect(spans).toMatchObject([
      { name: 'process x.do.v1' },
      { name: 'Handlers.take', options: { service: 'test', attributes: { 'code.function.name': 'Handlers.take' } } },
    ]);
  });

  it('records its attempts, and why it was given up', async () => {
    const observed: unknown[] = [];
    const observer: ConsumerObserver = {
      ended: (...ended) => void observed.push(ended.slice(0, 2)),
      retried: (type) => void observed.push(type),
    };
    const { deadLetters } = new Receiver('test');
    const retries = { attempts: 2, firstDelayMs: 1, longestDelayMs: 1 };
    const consumer = new Consumer({ service: 'test', committer: new Settling(), deadLetters, retries, observer });
    const failing = handlerOf(() => {
      throw new Error('it broke');
    });
    await consumer.consume(message('x.do.v1'), failing);
    const permanent = handlerOf(() => {
      throw new PermanentError('no use');
    });
    await consumer.consume(message('x.do.v1'), permanent);
    expect(spans.map(({ events, failure }) => [events, failure])).toEqual([
      [['attempt failed'], 'it broke'],
      [[], 'no use'],
    ]);
    expect(observed).toEqual(['x.do.v1', ['x.do.v1', 'dead-lettered'], ['x.do.v1', 'dead-lettered']]);
  });
});

it('records for a commit what its work says about the outcome', async () => {
  const inner = new Settling();
  const outcome = await new TracedCommitter('test', inner).commit(
    described(done, (value) => ({ 'seam.value': value })),
  );
  expect(outcome).toBe(7);
  expect(spans).toMatchObject([
    { name: 'commit test', attributes: { 'seam.value': 7, 'seam.correlation_id': 'order-1' } },
  ]);
  expect(inner.traceparent).toBe(parentOf(1));
});
