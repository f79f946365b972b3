import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** What a request or a message is handled under: carried through calls, messages and answers. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** W3C Trace Context header of this part of the work. */
  readonly traceparent: string;
}

const storage = new AsyncLocalStorage<TraceContext>();
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Continues the trace of a `traceparent`, or starts one where it is missing or malformed (as W3C Trace Context asks). */
export function continueTrace(traceparent: string | undefined): TraceContext {
  const traceId = traceparent === undefined ? undefined : TRACEPARENT.exec(traceparent)?.[1];
  if (traceparent !== undefined && traceId !== undefined) return { traceId, traceparent };
  const fresh = randomBytes(16).toString('hex');
  return { traceId: fresh, traceparent: `00-${fresh}-${randomBytes(8).toString('hex')}-01` };
}

export const runInTrace = <T>(context: TraceContext, work: () => T): T => storage.run(context, work);

export const currentTrace = (): TraceContext | undefined => storage.getStore();
