import type { OutboxEntry } from '../outbox.js';
import { combine, type Statement } from './fragment.js';

/**
 * What depends on the sequence of commits: the messages with a key, the delayed ones that can be cancelled, and the
 * cancellations; undefined if there are none. It must run as a statement of its own, after all other writes of its
 * transaction: these have waited for the transactions that they conflict with, so that its positions are higher than theirs,
 * and it sees their messages. Its own messages are not cancelled, as parts of one statement do not see each other's writes.
 */
export const lastStatement = (entries: readonly OutboxEntry[], cancels: readonly string[]): Statement | undefined =>
  combine([
    {
      sql: (parameter) =>
        `insert into outbox_ordered (id, key, message)
         select id, key, message from json_to_recordset(${parameter}) as r(id uuid, key text, message json)`,
      rows: entries.flatMap(({ id, key, messages }) => (key === undefined ? [] : [{ id, key, message: messages[0] }])),
    },
    {
      sql: (parameter) =>
        `delete from outbox where cancel_key in (select key from json_to_recordset(${parameter}) as r(key text))`,
      rows: cancels.map((key) => ({ key })),
      looksUp: true,
    },
    {
      sql: (parameter) =>
        `insert into outbox (id, messages, not_before, cancel_key) select id, messages, not_before, cancel_key
         from json_to_recordset(${parameter}) as r(id uuid, messages json, not_before timestamptz, cancel_key text)`,
      rows: entries.flatMap(({ id, messages, notBefore, cancelKey }) =>
        cancelKey === undefined ? [] : [{ id, messages, not_before: notBefore, cancel_key: cancelKey }],
      ),
    },
  ]);
