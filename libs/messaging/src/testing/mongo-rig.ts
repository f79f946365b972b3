import type { Message } from '@seam/kernel';
import type { MongoDatabase } from '@seam/persistence/mongodb';
import { emptyCollections, openTestMongo } from '@seam/persistence/testing';
import type { AfterCommit } from '../committer.js';
import {
  COMMITS,
  type CommitDocument,
  messagingCollections,
  outboxModel,
  type OutboxDocument,
  ORDERED,
  type OrderedDocument,
} from '../mongodb/collections.js';
import { MongoCommitter } from '../mongodb/mongo-committer.js';
import { MongoDeadLetters } from '../mongodb/mongo-dead-letters.js';
import { MongoOutbox } from '../mongodb/mongo-outbox.js';
import type { MongoWorkAdapter } from '../mongodb/work-adapter.js';
import { Rejected } from '../work.js';
import { NoteKind, textsOf } from './notes.js';
import type { StoreRig } from './store-rig.js';

/** A note occupies the stream version made of its text. */
const noteAdapter: MongoWorkAdapter<string, string> = {
  decide: (inputs) =>
    Promise.resolve(
      inputs.map(({ input }) =>
        input.startsWith('no:')
          ? new Rejected(new Error(input))
          : { result: input, streamVersions: [`note-${input}@1`], content: { note: input } },
      ),
    ),
};

/** One service's MongoDB database. */
export class MongoRig implements StoreRig {
  readonly outbox: MongoOutbox;
  readonly deadLetters: MongoDeadLetters;

  constructor(readonly database: MongoDatabase) {
    this.outbox = new MongoOutbox(database);
    this.deadLetters = new MongoDeadLetters(database);
  }

  static async open(url: string, name: string): Promise<MongoRig> {
    return new MongoRig(await openTestMongo(url, name, messagingCollections));
  }

  /** The same database, through other connections. */
  async besides(url: string): Promise<MongoRig> {
    return new MongoRig(await openTestMongo(url, this.database.name, [], ''));
  }

  committer(options: { relay: AfterCommit; batchLimit?: number }): MongoCommitter {
    const { database, outbox } = this;
    const committer = new MongoCommitter({ service: 'test', database, outbox, ...options });
    committer.register(NoteKind, noteAdapter);
    return committer;
  }

  async notes(): Promise<string[]> {
    const found = await this.database
      .collection(COMMITS)
      .find({ note: { $exists: true } })
      .toArray();
    return found.map((commit) => commit['note'] as string);
  }

  async outboxTexts(): Promise<string[]> {
    const commits = await this.database.collection<CommitDocument>(COMMITS).find().toArray();
    const alone = await this.database.collection<OutboxDocument>(outboxModel.name).find().toArray();
    const moved = await this.database.collection<OrderedDocument>(ORDERED).find().toArray();
    const waiting = [
      ...commits.flatMap(({ messages = [], delayed = [], ordered = [] }) => [
        ...messages,
        ...[...delayed, ...ordered].map(({ message }) => message),
      ]),
      ...[...alone, ...moved].map(({ message }) => message),
    ];
    return textsOf(waiting.map((text) => JSON.parse(text) as Message)).sort();
  }

  async putInOutbox(id: string, stored: string): Promise<void> {
    const value: unknown = JSON.parse(stored);
    const messages = Array.isArray(value) ? value.map((each) => JSON.stringify(each)) : value;
    await this.database.collection(COMMITS).insertOne({ _id: id as never, messages, leasedUntil: new Date(0) });
  }

  async endLeases(): Promise<void> {
    const leased = { leasedUntil: { $exists: true } };
    for (const name of [COMMITS, outboxModel.name, ORDERED])
      await this.database.collection(name).updateMany(leased, { $set: { leasedUntil: new Date(0) } });
  }

  async clear(): Promise<void> {
    await emptyCollections(this.database, messagingCollections);
  }

  async close(): Promise<void> {
    await this.database.close();
  }
}
