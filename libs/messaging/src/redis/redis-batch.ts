import type { OutboxEntry } from '../outbox.js';
import { combineMessages, type CommitMessages, entriesOf, markOf, post, type PendingWork } from '../pending-work.js';
import { Rejected, type WorkKind } from '../work.js';
import type { RedisValues, RedisWorkAdapter, RedisWrite } from './work-adapter.js';

export type RedisAdapters = ReadonlyMap<WorkKind, RedisWorkAdapter<unknown, unknown>>;

/** Works of one batch, grouped by kind. */
export interface RedisBatch {
  readonly service: string;
  readonly pendingWorks: readonly PendingWork[];
  readonly groups: readonly Group[];
}

interface Group {
  readonly adapter: RedisWorkAdapter<unknown, unknown>;
  readonly pendingWorks: readonly PendingWork[];
  readonly inputs: readonly unknown[];
}

/** A batch decided on the known values; nothing is written yet. */
export interface DecidedBatch {
  readonly done: readonly {
    readonly pendingWork: PendingWork;
    readonly value: unknown;
    readonly ids: readonly string[];
  }[];
  readonly refused: ReadonlyMap<PendingWork, unknown>;
  /** The works whose message is to be marked as handled. */
  readonly marking: readonly PendingWork[];
  /** Refused works: a message that was handled before may be refused now, and is still a duplicate. */
  readonly checking: readonly PendingWork[];
  readonly writes: readonly RedisWrite[];
  readonly entries: readonly OutboxEntry[];
  /** Keys of delayed messages to cancel. */
  readonly cancels: readonly string[];
  /** An exception of a work's own code: then nothing of the batch is written. */
  readonly failure?: { readonly error: unknown };
}

export function batchOf(pendingWorks: readonly PendingWork[], service: string, adapters: RedisAdapters): RedisBatch {
  const byKind = new Map<WorkKind, PendingWork[]>();
  for (const pendingWork of pendingWorks) {
    const group = byKind.get(pendingWork.work.kind);
    if (group === undefined) byKind.set(pendingWork.work.kind, [pendingWork]);
    else group.push(pendingWork);
  }
  const groups = Array.from(byKind, ([kind, ofKind]) => {
    const adapter = adapters.get(kind);
    if (adapter === undefined) throw new Error(`${service}: no adapter is registered for works of kind ${kind.name}`);
    return { adapter, pendingWorks: ofKind, inputs: ofKind.map(({ work }) => work.input) };
  });
  return { service, pendingWorks, groups };
}

/** The keys that a batch depends on, as far as they are known. */
export function readsOf({ groups }: RedisBatch, known: RedisValues): string[] {
  const keys = new Set<string>();
  for (const { adapter, inputs } of groups) for (const key of adapter.reads(inputs, known)) keys.add(key);
  return [...keys];
}

export function assumedBy({ groups }: RedisBatch): Map<string, string | null> {
  const assumed = new Map<string, string | null>();
  for (const { adapter, inputs } of groups)
    for (const [key, value] of adapter.assumes?.(inputs) ?? []) assumed.set(key, value);
  return assumed;
}

/** Decides its works one after the other on the known values, which may be outdated: a failure may not occur on current ones. */
export function decideBatch(batch: RedisBatch, known: RedisValues): DecidedBatch {
  try {
    return decide(batch, known);
  } catch (error) {
    return {
      done: [],
      refused: new Map(),
      marking: [],
      checking: [],
      writes: [],
      entries: [],
      cancels: [],
      failure: { error },
    };
  }
}

function decide({ service, pendingWorks, groups }: RedisBatch, known: RedisValues): DecidedBatch {
  const now = Date.now();
  const results = new Map<PendingWork, unknown>();
  const writes: RedisWrite[] = [];
  for (const { adapter, pendingWorks: ofKind, inputs } of groups) {
    const plan = adapter.decide(inputs, known, now);
    ofKind.forEach((pendingWork, index) => results.set(pendingWork, plan.results[index]));
    writes.push(...plan.writes);
  }
  const done: DecidedBatch['done'][number][] = [];
  const refused = new Map<PendingWork, unknown>();
  const sentByWorks: CommitMessages[] = [];
  const at = new Date(now).toISOString();
  for (const pendingWork of pendingWorks) {
    const result = results.get(pendingWork);
    if (result instanceof Rejected) {
      refused.set(pendingWork, result.error);
      continue;
    }
    const { value, messages, cancels = [] } = pendingWork.work.settle(result);
    const own = messages.map((message) => post(message, service, at, pendingWork));
    sentByWorks.push({ posted: own, cancels });
    done.push({ pendingWork, value, ids: own.map(({ message }) => message.id) });
  }
  const marking = done
    .filter(({ pendingWork }) => markOf(pendingWork) !== undefined)
    .map(({ pendingWork }) => pendingWork);
  const { posted, cancels } = combineMessages(sentByWorks);
  return { done, refused, marking, checking: [...refused.keys()], writes, entries: entriesOf(posted), cancels };
}
