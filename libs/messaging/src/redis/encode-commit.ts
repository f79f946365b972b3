import type { PendingWork } from '../pending-work.js';
import { memberOf } from './redis-ordered-outbox.js';
import type { RedisKeys } from './redis-keys.js';
import type { DecidedBatch } from './redis-batch.js';
import type { RedisValues, RedisWrite } from './work-adapter.js';

export interface CommitTerms {
  readonly keys: RedisKeys;
  /** The id of the committer, for the commit lock. */
  readonly me: string;
  /** How long to hold the commit lock if this attempt fails; 0: the lock is not requested. */
  readonly lockMs: number;
  readonly markSeconds: number;
  readonly leaseMs: number;
}

type Values = (string | number)[];
type PlaceOf = (key: string) => number;

/**
 * The keys and arguments for the commit script, in the format described there. `reads` are the keys that the batch
 * depends on.
 */
export function encodeCommit(
  batch: DecidedBatch,
  reads: readonly string[],
  known: RedisValues,
  terms: CommitTerms,
): { readonly keys: readonly string[]; readonly values: Values } {
  const keys = [terms.keys.commitLock, ...terms.keys.outbox, ...reads];
  const places = new Map<string, number>();
  // Lua counts from 1.
  for (const [index, key] of keys.entries()) places.set(key, index + 1);
  const placeOf: PlaceOf = (key) => {
    const known = places.get(key);
    if (known !== undefined) return known;
    const place = keys.push(key);
    places.set(key, place);
    return place;
  };
  const values: Values = [terms.me, terms.lockMs, terms.markSeconds, terms.leaseMs, reads.length];
  for (const key of reads) values.push(known.get(key) ?? '');
  encodeMarks(batch, terms.keys, placeOf, values);
  encodeSets(batch.writes, placeOf, values);
  encodeMembers(batch.writes, placeOf, values);
  const plain = batch.entries.filter(({ key }) => key === undefined);
  values.push(plain.length);
  for (const { id, messages, notBefore } of plain)
    values.push(id, JSON.stringify(messages), messages.length, notBefore?.getTime() ?? '');
  const ordered = batch.entries.filter(({ key }) => key !== undefined);
  const cancellable = batch.entries.filter(({ cancelKey }) => cancelKey !== undefined);
  if (ordered.length + cancellable.length + batch.cancels.length === 0) return { keys, values };
  values.push(batch.cancels.length, ...batch.cancels.map((cancelKey) => placeOf(terms.keys.cancellable(cancelKey))));
  values.push(cancellable.length);
  for (const { id, notBefore, cancelKey = '' } of cancellable)
    values.push(
      placeOf(terms.keys.cancellable(cancelKey)),
      id,
      (notBefore?.getTime() ?? 0) + 1_000 * terms.markSeconds,
    );
  if (ordered.length > 0) values.push(...terms.keys.ordered.map(placeOf));
  for (const { id, messages, key = '' } of ordered) values.push(memberOf(id, key), JSON.stringify(messages[0]));
  return { keys, values };
}

function encodeMarks({ marking, checking }: DecidedBatch, keys: RedisKeys, placeOf: PlaceOf, values: Values): void {
  const sets = new Map<string, { marking: string[]; checking: string[] }>();
  const add = (pendingWorks: readonly PendingWork[], which: 'marking' | 'checking'): void => {
    for (const { cause } of pendingWorks) {
      if (cause === undefined) continue;
      const { key, member } = keys.mark(cause);
      const set = sets.get(key) ?? { marking: [], checking: [] };
      sets.set(key, set);
      set[which].push(member);
    }
  };
  add(marking, 'marking');
  add(checking, 'checking');
  values.push(sets.size);
  for (const [key, set] of sets)
    values.push(placeOf(key), set.marking.length, set.checking.length, ...set.marking, ...set.checking);
}

function encodeSets(writes: readonly RedisWrite[], placeOf: PlaceOf, values: Values): void {
  const sets = writes.filter((write) => write.type === 'set');
  const lasting = sets.filter(({ expiresInMs }) => expiresInMs === undefined);
  const passing = sets.filter(({ expiresInMs }) => expiresInMs !== undefined);
  values.push(lasting.length);
  for (const { key, value } of lasting) values.push(placeOf(key), value);
  values.push(passing.length);
  for (const { key, value, expiresInMs = 0 } of passing) values.push(placeOf(key), value, expiresInMs);
}

function encodeMembers(writes: readonly RedisWrite[], placeOf: PlaceOf, values: Values): void {
  const added = new Map<string, Values>();
  const removed = new Map<string, Values>();
  for (const write of writes) {
    if (write.type === 'add') valuesOf(added, write.key).push(write.score, write.member);
    else if (write.type === 'remove') valuesOf(removed, write.key).push(write.member);
  }
  values.push(added.size);
  for (const [key, members] of added) values.push(placeOf(key), members.length / 2, ...members);
  values.push(removed.size);
  for (const [key, members] of removed) values.push(placeOf(key), members.length, ...members);
}

function valuesOf(byKey: Map<string, Values>, key: string): Values {
  const found = byKey.get(key) ?? [];
  byKey.set(key, found);
  return found;
}
