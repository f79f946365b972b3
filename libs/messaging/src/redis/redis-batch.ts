import type { OutboxEntry } from '../outbox.js';
import { entriesOf, markOf, type Posted, post, type Ticket } from '../ticket.js';
import { Rejected, type WorkKind } from '../work.js';
import type { RedisValues, RedisWorkAdapter, RedisWrite } from './work-adapter.js';

export type RedisAdapters = ReadonlyMap<WorkKind, RedisWorkAdapter<unknown, unknown>>;

/** Works on their way together, kind by kind. */
export interface RedisBatch {
  readonly service: string;
  readonly tickets: readonly Ticket[];
  readonly groups: readonly Group[];
}

interface Group {
  readonly adapter: RedisWorkAdapter<unknown, unknown>;
  readonly tickets: readonly Ticket[];
  readonly inputs: readonly unknown[];
}

/** A batch as it would be committed on what is known; nothing is written yet. */
export interface DecidedBatch {
  readonly done: readonly { readonly ticket: Ticket; readonly value: unknown; readonly ids: readonly string[] }[];
  readonly refused: ReadonlyMap<Ticket, unknown>;
  /** Those whose message is to be marked as handled. */
  readonly marking: readonly Ticket[];
  /** Refused ones: a message that was handled before may well be refused now, and is a duplicate all the same. */
  readonly looking: readonly Ticket[];
  readonly writes: readonly RedisWrite[];
  readonly entries: readonly OutboxEntry[];
  /** What a work's own code has thrown: then nothing of the batch is to be written. */
  readonly failure?: { readonly error: unknown };
}

export function batchOf(tickets: readonly Ticket[], service: string, adapters: RedisAdapters): RedisBatch {
  const byKind = new Map<WorkKind, Ticket[]>();
  for (const ticket of tickets) {
    const group = byKind.get(ticket.work.kind);
    if (group === undefined) byKind.set(ticket.work.kind, [ticket]);
    else group.push(ticket);
  }
  const groups = Array.from(byKind, ([kind, ofKind]) => {
    const adapter = adapters.get(kind);
    if (adapter === undefined) throw new Error(`${service}: no adapter is registered for works of kind ${kind.name}`);
    return { adapter, tickets: ofKind, inputs: ofKind.map(({ work }) => work.input) };
  });
  return { service, tickets, groups };
}

/** The keys a batch rests on, as far as is known. */
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

/** Decides its works one after the other on what is known, which may be wrong: what fails on it may succeed on what is so. */
export function decideBatch(batch: RedisBatch, known: RedisValues): DecidedBatch {
  try {
    return decide(batch, known);
  } catch (error) {
    return { done: [], refused: new Map(), marking: [], looking: [], writes: [], entries: [], failure: { error } };
  }
}

function decide({ service, tickets, groups }: RedisBatch, known: RedisValues): DecidedBatch {
  const now = Date.now();
  const results = new Map<Ticket, unknown>();
  const writes: RedisWrite[] = [];
  for (const { adapter, tickets: ofKind, inputs } of groups) {
    const plan = adapter.decide(inputs, known, now);
    ofKind.forEach((ticket, index) => results.set(ticket, plan.results[index]));
    writes.push(...plan.writes);
  }
  const done: DecidedBatch['done'][number][] = [];
  const refused = new Map<Ticket, unknown>();
  const posted: Posted[] = [];
  const at = new Date(now).toISOString();
  for (const ticket of tickets) {
    const result = results.get(ticket);
    if (result instanceof Rejected) {
      refused.set(ticket, result.error);
      continue;
    }
    const { value, messages } = ticket.work.settle(result);
    const own = messages.map((message) => post(message, service, at, ticket));
    posted.push(...own);
    done.push({ ticket, value, ids: own.map(({ message }) => message.id) });
  }
  const marking = done.filter(({ ticket }) => markOf(ticket) !== undefined).map(({ ticket }) => ticket);
  return { done, refused, marking, looking: [...refused.keys()], writes, entries: entriesOf(posted) };
}
