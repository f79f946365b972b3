import type { RedisKeys } from './redis-keys.js';
import type { DecidedBatch } from './redis-batch.js';
import type { RedisValues, RedisWrite } from './work-adapter.js';

export interface CommitTerms {
  readonly keys: RedisKeys;
  /** Who commits. */
  readonly me: string;
  /** How long to have the turn where this fails; 0: not asked for. */
  readonly turnMs: number;
  readonly markMs: number;
  readonly leaseMs: number;
}

type Values = (string | number)[];

/** What the commit script takes: see there. */
export function encodeCommit(
  batch: DecidedBatch,
  known: RedisValues,
  terms: CommitTerms,
): { readonly keys: readonly string[]; readonly values: Values } {
  const keys = [terms.keys.turn, ...terms.keys.outbox, ...batch.reads, ...batch.marks.map(({ key }) => key)];
  // Lua counts from 1.
  const places = new Map(keys.map((key, index) => [key, index + 1]));
  const placeOf = (key: string): number => {
    const place = places.get(key) ?? keys.push(key);
    places.set(key, place);
    return place;
  };
  const values: Values = [terms.me, terms.turnMs, terms.markMs, terms.leaseMs];
  values.push(batch.reads.length, batch.marks.length, batch.marking);
  for (const key of batch.reads) values.push(known.get(key) ?? '');
  encodeSets(batch.writes, placeOf, values);
  encodeMembers(batch.writes, placeOf, values);
  values.push(batch.entries.length);
  for (const { id, messages, notBefore } of batch.entries)
    values.push(id, JSON.stringify(messages), messages.length, notBefore?.getTime() ?? '');
  return { keys, values };
}

function encodeSets(writes: readonly RedisWrite[], placeOf: (key: string) => number, values: Values): void {
  const sets = writes.filter((write) => write.type === 'set');
  const lasting = sets.filter(({ expiresInMs }) => expiresInMs === undefined);
  const passing = sets.filter(({ expiresInMs }) => expiresInMs !== undefined);
  values.push(lasting.length);
  for (const { key, value } of lasting) values.push(placeOf(key), value);
  values.push(passing.length);
  for (const { key, value, expiresInMs = 0 } of passing) values.push(placeOf(key), value, expiresInMs);
}

function encodeMembers(writes: readonly RedisWrite[], placeOf: (key: string) => number, values: Values): void {
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
