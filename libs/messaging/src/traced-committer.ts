import { type Attributes, currentTrace, inSpan, type Span } from '@seam/kernel';
import { type Cause, type CommitOptions, Committer } from './committer.js';
import type { Work } from './work.js';

/**
 * A committer that records a span for every work, from its submission until it is durable, including the wait for the batch
 * before it. A batch has no span of its own, as it belongs to many traces. Messages that a work posts follow
 * from its span.
 */
export class TracedCommitter extends Committer {
  /** @param engine the store's name as OpenTelemetry has it (`db.system.name`) */
  constructor(
    private readonly service: string,
    private readonly inner: Committer,
    private readonly engine?: string,
  ) {
    super();
  }

  override commit<T>(work: Work<T>, options?: CommitOptions): Promise<T> {
    return this.#inSpan(work, undefined, {}, (observed) => this.inner.commit(observed, options));
  }

  override handle(work: Work, cause: Cause): Promise<'done' | 'duplicate'> {
    const { correlationId, traceparent: parent } = cause;
    return this.#inSpan(work, parent, { 'seam.correlation_id': correlationId }, (observed, traceparent = parent) =>
      this.inner.handle(observed, traceparent === undefined ? cause : { ...cause, traceparent }),
    );
  }

  override idle(): Promise<void> {
    return this.inner.idle();
  }

  override get waitMs(): number {
    return this.inner.waitMs;
  }

  #inSpan<T, R>(
    work: Work<T>,
    parent: string | undefined,
    more: Attributes,
    commit: (work: Work<T>, traceparent: string | undefined) => Promise<R>,
  ): Promise<R> {
    const attributes = {
      'db.system.name': this.engine,
      'db.operation.name': 'commit',
      'db.namespace': this.service,
      'seam.work': work.kind.name,
      'seam.work.low_priority': work.lowPriority === true,
      ...more,
    };
    const correlationId = currentTrace()?.correlationId;
    const options = { service: this.service, kind: 'client', parent, correlationId, attributes } as const;
    return inSpan(`commit ${this.service}`, options, (span) => commit(observed(work, span), span.traceparent));
  }
}

/** The same work, which records its result in the span, again for each retry. */
const observed = <T>(work: Work<T>, span: Span): Work<T> => ({
  ...work,
  settle: (result) => {
    const settled = work.settle(result);
    const [first] = settled.messages;
    if (first !== undefined) span.set({ 'seam.correlation_id': first.correlationId });
    if (work.describe !== undefined) span.set(work.describe(settled.value));
    return settled;
  },
});
