import type { MongoCollectionSpec, MongoModelSpec } from '@seam/persistence/mongodb';
import type { DeadLetter, DeadLetterAction } from '../dead-letters.js';

/**
 * The field of a commit with its stream versions. Stored documents, the unique index, and processes of an older version
 * during a roll-out use this name.
 */
export const STREAM_VERSIONS = 'slots';

/**
 * One complete commit of one work: its changes, the inbox mark of the message that caused it, and the messages that are
 * still to be sent. A document is written completely or not at all, so none of these exists without the others, on any
 * MongoDB server. Empty fields are left out, because a unique index counts an empty array as a value.
 */
export interface CommitDocument {
  /** UUID version 7 with the time of the commit; also the id of its outbox entry. */
  readonly _id: string;
  /** Unique over all commits: `<stream>@<version>` of each of its events. */
  readonly [STREAM_VERSIONS]?: readonly string[];
  /** `<message id> <handler>`: the message that this commit handled. */
  readonly cause?: string;
  /** Messages to be sent, as JSON text, so that they are stored unchanged. */
  readonly messages?: readonly string[];
  /** Delayed messages: after the commit, each is moved to the outbox as a document of its own. */
  readonly delayed?: readonly DelayedMessage[];
  /** Cancellations of delayed messages of earlier commits, until a claim has applied them. */
  readonly cancels?: readonly { readonly key: string; readonly position: number }[];
  /** Messages with a key: a claim moves each to a document of its own. */
  readonly ordered?: readonly Pick<OrderedDocument, 'key' | 'position' | 'message'>[];
  /** While messages are in it: the end of the lease of the process that sends them. */
  readonly leasedUntil?: Date;
  /** Id of the last claim. */
  readonly claim?: string;
}

export interface DelayedMessage {
  readonly message: string;
  readonly notBefore: Date;
  /** The key that cancels it, and its place among the commits: a cancellation cancels those with lower ones. */
  readonly cancelKey?: string;
  readonly position?: number;
}

/** The last cancellation of a key. */
export interface CancellationDocument {
  readonly _id: string;
  readonly position: number;
  readonly at: Date;
}

/** A message that is sent separately: a delayed one, or one that an operator has redriven. */
export interface OutboxDocument extends DelayedMessage {
  /** The message's id. */
  readonly _id: string;
  readonly leasedUntil?: Date;
  readonly claim?: string;
}

/** A message with a key. */
export interface OrderedDocument {
  /** The message's id. */
  readonly _id: string;
  readonly key: string;
  /** Grows with the commits, among those that depend on each other. */
  readonly position: number;
  readonly message: string;
  readonly leasedUntil?: Date;
  readonly claim?: string;
}

/** The last position that was drawn. */
export interface Positions {
  readonly _id: typeof ORDERED;
  readonly last: number;
}

export interface DeadLetterDocument extends DeadLetter {
  /** `<message id> <handler>` */
  readonly _id: string;
  /** The complete message, as JSON. */
  readonly message: string;
  /** JSON texts, each a failed attempt. Letters of an earlier version have neither this field nor `failure`. */
  readonly history: readonly string[];
}

export interface DeadLetterActionDocument extends Omit<DeadLetterAction, 'id'> {
  /** The action's id. */
  readonly _id: string;
}

export const COMMITS = 'commits';
export const ORDERED = 'outbox_ordered';
export const POSITIONS = 'outbox_positions';
export const CANCELLATIONS = 'outbox_cancellations';
/** A message in a commit is moved much sooner: it is then recognised as cancelled. */
const CANCELLATION_SECONDS = 30 * 24 * 3_600;

export const outboxModel: MongoModelSpec<OutboxDocument> = {
  name: 'outbox',
  fields: {
    _id: String,
    message: { type: String, required: true },
    notBefore: { type: Date, required: true },
    cancelKey: String,
    position: Number,
    leasedUntil: Date,
    claim: String,
  },
  indexes: [
    { name: 'due', key: { notBefore: 1 } },
    { name: 'cancellable', key: { cancelKey: 1 }, sparse: true },
  ],
};

export const deadLetterModel: MongoModelSpec<DeadLetterDocument> = {
  name: 'dead_letters',
  fields: {
    _id: String,
    messageId: { type: String, required: true },
    handler: { type: String, required: true },
    type: { type: String, required: true },
    source: { type: String, required: true },
    correlationId: { type: String, required: true },
    message: { type: String, required: true },
    reason: { type: String, required: true },
    attempts: { type: Number, required: true },
    diedAt: { type: Date, required: true },
    failure: String,
    history: [String],
  },
  indexes: [
    { name: 'latest_first', key: { diedAt: -1, messageId: -1, handler: -1 } },
    { name: 'of_a_message', key: { messageId: 1 } },
  ],
};

export const deadLetterActionModel: MongoModelSpec<DeadLetterActionDocument> = {
  name: 'dead_letter_actions',
  fields: {
    _id: String,
    action: { type: String, required: true },
    by: { type: String, required: true },
    why: { type: String, required: true },
    at: { type: Date, required: true },
    messageId: { type: String, required: true },
    type: { type: String, required: true },
    handlers: [String],
    replacedBy: String,
  },
  indexes: [],
};

/** All indexes are sparse: a commit without the field has no entry in the index, so claiming stays cheap. */
export const messagingCollections: readonly MongoCollectionSpec[] = [
  {
    name: COMMITS,
    indexes: [
      { name: 'one_commit_per_slot', key: { [STREAM_VERSIONS]: 1 }, unique: true, sparse: true },
      { name: 'one_commit_per_cause', key: { cause: 1 }, unique: true, sparse: true },
      { name: 'to_be_sent', key: { leasedUntil: 1 }, sparse: true },
      { name: 'to_be_ordered', key: { 'ordered.position': 1 }, sparse: true },
      { name: 'to_be_cancelled', key: { 'cancels.position': 1 }, sparse: true },
    ],
  },
  { name: ORDERED, indexes: [{ name: 'of_a_key', key: { key: 1, position: 1 } }] },
  { name: POSITIONS, indexes: [] },
  { name: CANCELLATIONS, indexes: [{ name: 'old', key: { at: 1 }, expireAfterSeconds: CANCELLATION_SECONDS }] },
  outboxModel,
  deadLetterModel,
  deadLetterActionModel,
];
