import type { Cause } from '../committer.js';
import type { OutboxEntry } from '../outbox.js';
import { entriesOf, identity, type CommitMessages } from '../pending-work.js';
import type { Try } from '../workwise-committer.js';
import { type CommitDocument, STREAM_VERSIONS } from './collections.js';
import type { MongoDecision } from './work-adapter.js';

/** A work that is decided and ready to be written. */
export interface Prepared {
  readonly one: Try;
  readonly value: unknown;
  /** Undefined if there is nothing to write. */
  readonly document: CommitDocument | undefined;
  readonly entries: readonly OutboxEntry[];
  /** Whether its document contains a change, besides mark and messages. */
  readonly changes: boolean;
}

/** Creates the document of one work's complete commit; empty fields are left out. What needs a position has none yet. */
export function commitOf(
  id: string,
  { streamVersions = [], content = {} }: Omit<MongoDecision<unknown>, 'result'>,
  mark: Cause | undefined,
  { posted, cancels }: CommitMessages,
  leasedUntil: Date,
): Pick<Prepared, 'document' | 'entries' | 'changes'> {
  const entries = entriesOf(posted, id);
  const atOnce = entries.find((entry) => entry.id === id)?.messages ?? [];
  const delayed = posted.flatMap(({ message, notBefore, cancelKey }) => {
    if (notBefore === undefined) return [];
    const one = { message: JSON.stringify(message), notBefore };
    return [cancelKey === undefined ? one : { ...one, cancelKey, position: 0 }];
  });
  const ordered = entries.flatMap(({ key, messages }) =>
    key === undefined ? [] : [{ key, position: 0, message: JSON.stringify(messages[0]) }],
  );
  const changes = streamVersions.length > 0 || Object.keys(content).length > 0;
  const document: CommitDocument = {
    _id: id,
    ...content,
    ...(streamVersions.length === 0 ? {} : { [STREAM_VERSIONS]: streamVersions }),
    ...(mark === undefined ? {} : { cause: identity(mark) }),
    ...(atOnce.length === 0 ? {} : { messages: atOnce.map((message) => JSON.stringify(message)) }),
    ...(delayed.length === 0 ? {} : { delayed }),
    ...(ordered.length === 0 ? {} : { ordered }),
    ...(cancels.length === 0 ? {} : { cancels: cancels.map((key) => ({ key, position: 0 })) }),
    ...(atOnce.length + delayed.length === 0 ? {} : { leasedUntil }),
  };
  const empty = !changes && mark === undefined && posted.length + cancels.length === 0;
  return { document: empty ? undefined : document, entries, changes };
}

/** How many positions a commit needs: for messages with a key, for those that can be cancelled, and for cancellations. */
export const positionsOf = ({ ordered = [], delayed = [], cancels = [] }: CommitDocument): number =>
  ordered.length + cancels.length + delayed.filter(({ cancelKey }) => cancelKey !== undefined).length;

/** The same commit with its positions: its cancellations first, so that they do not cancel its own messages. */
export function numbered(document: CommitDocument, first: number): CommitDocument {
  let next = first;
  const { ordered, delayed, cancels } = document;
  return {
    ...document,
    ...(cancels === undefined ? {} : { cancels: cancels.map((each) => ({ ...each, position: next++ })) }),
    ...(delayed === undefined
      ? {}
      : { delayed: delayed.map((each) => (each.cancelKey === undefined ? each : { ...each, position: next++ })) }),
    ...(ordered === undefined ? {} : { ordered: ordered.map((each) => ({ ...each, position: next++ })) }),
  };
}
