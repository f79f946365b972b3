import type { OutboxEntry } from '../outbox.js';
import { entriesOf, markOf, type Posted, post, type Ticket } from '../ticket.js';
import { Rejected, type WorkKind } from '../work.js';
import type { RedisKeys } from './redis-keys.js';
import type { RedisValues, RedisWorkAdapter, RedisWrite } from './work-adapter.js';

export type RedisAdapters = ReadonlyMap<WorkKind, RedisWorkAdapter<unknown, unknown>>;

/** The works of one kind in a batch. */
interface Group {
  readonly adapter: RedisWorkAdapter<unknown, unknown>;
  readonly tickets: readonly Ticket[];
  readonly inputs: readonly unknown[];
}

/** A batch as it would be committed on what is known; nothing is written yet. */
export interface DecidedBatch {
  readonly done: readonly { readonly ticket: Ticket; readonly value: unknown; readonly ids: readonly string[] }[];
  readonly refused: ReadonlyMap<Ticket, unknown>;
  /** The keys it rests on. */
  readonly reads: readonly string[];
  /** The marks to set, and behind them those of refused works: a message that was handled before is not refused. */
  readonly marks: readonly { readonly key: string; readonly ticket: Ticket }[];
  readonly marking: number;
  readonly writes: readonly RedisWrite[];
  readonly entries: readonly OutboxEntry[];
}

export interface BatchOptions {
  readonly service: string;
  readonly keys: RedisKeys;
  readonly adapters: RedisAdapters;
}

/** The keys that are to be read for these works and are not known yet; to be asked again once they are. */
export function missing(tickets: readonly Ticket[], known: RedisValues, o: BatchOptions): string[] {
  return readsOf(groups(tickets, o), known).filter((key) => !known.has(key));
}

/** Decides these works one after the other on what is known. Throws what a work's own code throws. */
export function decideBatch(tickets: readonly Ticket[], known: RedisValues, o: BatchOptions): DecidedBatch {
  const now = Date.now();
  const at = new Date(now).toISOString();
  const results = new Map<Ticket, unknown>();
  const writes: RedisWrite[] = [];
  const all = groups(tickets, o);
  for (const { adapter, tickets: ofKind, inputs } of all) {
    const plan = adapter.decide(inputs, known, now);
    ofKind.forEach((ticket, index) => results.set(ticket, plan.results[index]));
    writes.push(...plan.writes);
  }
  const done: DecidedBatch['done'][number][] = [];
  const refused = new Map<Ticket, unknown>();
  const posted: Posted[] = [];
  const marked: Ticket[] = [];
  for (const ticket of tickets) {
    const result = results.get(ticket);
    if (result instanceof Rejected) {
      refused.set(ticket, result.error);
      continue;
    }
    const { value, messages } = ticket.work.settle(result);
    const own = messages.map((message) => post(message, o.service, at, ticket));
    posted.push(...own);
    done.push({ ticket, value, ids: own.map(({ message }) => message.id) });
    if (markOf(ticket) !== undefined) marked.push(ticket);
  }
  const looked = [...refused.keys()].filter(({ cause }) => cause !== undefined);
  const marks = [...marked, ...looked].flatMap((ticket) =>
    ticket.cause === undefined ? [] : [{ key: o.keys.mark(ticket.cause), ticket }],
  );
  return {
    done,
    refused,
    reads: readsOf(all, known),
    marks,
    marking: marked.length,
    writes,
    entries: entriesOf(posted),
  };
}

function groups(tickets: readonly Ticket[], { adapters, service }: BatchOptions): Group[] {
  const byKind = new Map<WorkKind, Ticket[]>();
  for (const ticket of tickets) {
    const group = byKind.get(ticket.work.kind);
    if (group === undefined) byKind.set(ticket.work.kind, [ticket]);
    else group.push(ticket);
  }
  return Array.from(byKind, ([kind, ofKind]) => {
    const adapter = adapters.get(kind);
    if (adapter === undefined) throw new Error(`${service}: no adapter is registered for works of kind ${kind.name}`);
    return { adapter, tickets: ofKind, inputs: ofKind.map(({ work }) => work.input) };
  });
}

function readsOf(all: readonly Group[], known: RedisValues): string[] {
  const keys = new Set<string>();
  for (const { adapter, inputs } of all) for (const key of adapter.reads(inputs, known)) keys.add(key);
  return [...keys];
}
