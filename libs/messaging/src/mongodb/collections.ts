import type { MongoCollectionSpec } from '@seam/persistence/mongodb';
import type { DeadLetter } from '../dead-letters.js';

/**
 * The field of a commit with its stream versions. Stored documents, and processes of an older version during a roll-out,
 * have it under this name, as has the unique index.
 */
export const STREAM_VERSIONS = 'slots';

/**
 * One commit of one work, whole: what it changed, the mark of the message that caused it, and the messages that are
 * still to be sent. A document is written or not, so neither is there without the others, on any MongoDB server.
 * What is empty is left out: a unique index takes an empty array for a value.
 */
export interface CommitDocument {
  /** UUID version 7 of when it was written; also its outbox entry's id. */
  readonly _id: string;
  /** What at most one commit can have: `<stream>@<version>` of each of its events. */
  readonly [STREAM_VERSIONS]?: readonly string[];
  /** `<message id> <handler>`: what it answers. */
  readonly cause?: string;
  /** To be sent, as JSON: exactly as they were, whatever text is in them. */
  readonly messages?: readonly string[];
  /** To be sent at their own times: moved to the outbox after the commit, each to leave by itself. */
  readonly delayed?: readonly { readonly message: string; readonly notBefore: Date }[];
  /** While messages are in it: until when whoever has them is trusted to send them. */
  readonly leasedUntil?: Date;
  /** Of whoever claimed them last. */
  readonly claim?: string;
}

/** A message that leaves by itself: one that waits for its time, or that an operator has sent on. */
export interface OutboxDocument {
  /** The message's id. */
  readonly _id: string;
  readonly message: string;
  readonly notBefore: Date;
  readonly leasedUntil?: Date;
  readonly claim?: string;
}

export interface DeadLetterDocument extends DeadLetter {
  /** `<message id> <handler>` */
  readonly _id: string;
  /** Whole, as JSON. */
  readonly message: string;
}

export const COMMITS = 'commits';
export const OUTBOX = 'outbox';
export const DEAD_LETTERS = 'dead_letters';

/** Sparse, all of them: a commit that has nothing of the kind costs the index nothing, so claiming stays cheap. */
export const messagingCollections: readonly MongoCollectionSpec[] = [
  {
    name: COMMITS,
    indexes: [
      { name: 'one_commit_per_slot', key: { [STREAM_VERSIONS]: 1 }, unique: true, sparse: true },
      { name: 'one_commit_per_cause', key: { cause: 1 }, unique: true, sparse: true },
      { name: 'to_be_sent', key: { leasedUntil: 1 }, sparse: true },
    ],
  },
  { name: OUTBOX, indexes: [{ name: 'due', key: { notBefore: 1 } }] },
  {
    name: DEAD_LETTERS,
    indexes: [
      { name: 'latest_first', key: { diedAt: -1, messageId: -1, handler: -1 } },
      { name: 'of_a_message', key: { messageId: 1 } },
    ],
  },
];
