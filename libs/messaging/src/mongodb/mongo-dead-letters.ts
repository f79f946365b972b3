import { idFloor, type Message, newId } from '@seam/kernel';
import {
  isDuplicateKey,
  type MongoCollection,
  type MongoDatabase,
  type MongoFilter,
  type MongoModel,
} from '@seam/persistence/mongodb';
import {
  type DeadLetter,
  type DeadLetterAction,
  type DeadLetterDetail,
  type DeadLetterFilter,
  type DeadLetterGroup,
  type DeadLetterPosition,
  DeadLetters,
  GROUPS_LIMIT,
  type NewDeadLetter,
  type Settled,
  type Settlement,
} from '../dead-letters.js';
import { ATTEMPTS_KEPT, attemptsIn, failureOf } from '../failure.js';
import { identity } from '../pending-work.js';
import {
  COMMITS,
  type CommitDocument,
  type DeadLetterActionDocument,
  deadLetterActionModel,
  type DeadLetterDocument,
  deadLetterModel,
  type OutboxDocument,
  outboxModel,
} from './collections.js';

/** Dead letters in MongoDB. */
export class MongoDeadLetters extends DeadLetters {
  readonly #letters: MongoModel<DeadLetterDocument>;
  readonly #actions: MongoModel<DeadLetterActionDocument>;
  readonly #outbox: MongoModel<OutboxDocument>;
  readonly #commits: MongoCollection<CommitDocument>;

  constructor(database: Pick<MongoDatabase, 'model' | 'collection'>) {
    super();
    this.#commits = database.collection<CommitDocument>(COMMITS);
    this.#actions = database.model(deadLetterActionModel);
    this.#letters = database.model(deadLetterModel);
    this.#outbox = database.model(outboxModel);
  }

  protected override async write(letter: NewDeadLetter): Promise<void> {
    const { reason, failure, attempts, history, ...first } = letter;
    const store = (): Promise<unknown> =>
      this.#letters.run((letters) =>
        letters.updateOne(
          { _id: `${letter.messageId} ${letter.handler}` },
          {
            $setOnInsert: first,
            $set: { reason, failure, diedAt: new Date() },
            $push: { history: { $each: [...history], $slice: -ATTEMPTS_KEPT } },
            $inc: { attempts },
          },
          { upsert: true },
        ),
      );
    await store().catch((error: unknown) => {
      // Another process stored it at the same time and was first: now there is a letter to update.
      if (!isDuplicateKey(error)) throw error;
      return store();
    });
  }

  override async list(
    limit: number,
    before?: DeadLetterPosition,
    filter: DeadLetterFilter = {},
  ): Promise<DeadLetter[]> {
    await this.#describe();
    const conditions = [queryOf(filter), before === undefined ? {} : earlierThan(before)];
    const found = await this.#letters.run((letters) =>
      letters
        .find({ $and: conditions }, { message: 0, history: 0 })
        .sort({ diedAt: -1, messageId: -1, handler: -1 })
        .limit(limit)
        .lean(),
    );
    return found.map(letterOf);
  }

  override async get(messageId: string): Promise<DeadLetterDetail[]> {
    await this.#describe();
    const found = await this.#letters.run((all) => all.find({ messageId }).sort({ handler: 1 }).lean());
    return found.map((document) => ({
      ...letterOf(document),
      message: JSON.parse(document.message) as Message,
      history: attemptsIn(document.history),
    }));
  }

  override async groups(filter: DeadLetterFilter = {}): Promise<DeadLetterGroup[]> {
    await this.#describe();
    const found = await this.#letters.run((all) =>
      all.aggregate<Omit<DeadLetterGroup, 'type' | 'handler' | 'failure'> & { _id: Omit<DeadLetterGroup, 'count'> }>([
        { $match: queryOf(filter) },
        {
          $group: {
            _id: { type: '$type', handler: '$handler', failure: '$failure' },
            count: { $sum: 1 },
            oldest: { $min: '$diedAt' },
            newest: { $max: '$diedAt' },
          },
        },
        { $sort: { count: -1, newest: -1 } },
        { $limit: GROUPS_LIMIT },
      ]),
    );
    return found.map(({ _id: { type, handler, failure }, count, oldest, newest }) => ({
      ...{ type, handler, failure, count, oldest, newest },
    }));
  }

  override async count(filter?: DeadLetterFilter): Promise<number> {
    if (filter !== undefined) await this.#describe();
    return this.#letters.run((letters) => letters.countDocuments(queryOf(filter ?? {})));
  }

  override async actions(limit: number, before?: string): Promise<DeadLetterAction[]> {
    const found = await this.#actions.run((all) =>
      all
        .find({ _id: before === undefined ? { $gt: '' } : { $lt: before } })
        .sort({ _id: -1 })
        .limit(limit)
        .lean(),
    );
    return found.map(({ _id: id, ...action }) => ({ id, ...action }));
  }

  override async expire(before: Date, limit: number): Promise<{ letters: number; actions: number }> {
    const old: MongoFilter<DeadLetterDocument> = { diedAt: { $lt: before } };
    const letters = await this.#letters.run((all) => all.find(old, { _id: 1 }).limit(limit).lean());
    const first = idFloor(before);
    const actions = await this.#actions.run((all) =>
      all
        .find({ _id: { $lt: first } }, { _id: 1 })
        .limit(limit)
        .lean(),
    );
    const idsOf = (found: readonly { readonly _id: string }[]): { _id: { $in: string[] } } => ({
      _id: { $in: found.map(({ _id }) => _id) },
    });
    // One that has failed again since it was read is kept.
    const still: MongoFilter<DeadLetterDocument> = { ...idsOf(letters), ...old };
    await this.#letters.run((all) => all.deleteMany(still));
    await this.#actions.run((all) => all.deleteMany(idsOf(actions)));
    return { letters: letters.length, actions: actions.length };
  }

  /**
   * What decides is one document: of a redriven message its copy in the outbox; otherwise a commit with the message's mark
   * and its replacement. Before it the action is recorded, and withdrawn if it is refused; after it the letters are deleted.
   * After a crash in between, the letters are still there: redriven again, the message is ignored by handlers that have
   * handled it, or have it marked.
   */
  protected override async settle({ action, letters, replacement }: Settlement): Promise<Settled> {
    const { id: _id, ...record } = action;
    await this.#actions.run((all) => all.insertOne({ _id, ...record }));
    const settled = await this.#decide(action, letters, replacement);
    if (settled === 'done') await this.#delete(letters);
    else await this.#actions.run((all) => all.deleteOne({ _id }));
    return settled;
  }

  async #decide(
    { action, messageId }: DeadLetterAction,
    letters: Settlement['letters'],
    replacement: Message | undefined,
  ): Promise<Settled> {
    if (action === 'redriven') {
      const copy = { _id: messageId, message: JSON.stringify(letters[0].message), notBefore: new Date() };
      return (await isFirst(this.#outbox.run((outbox) => outbox.insertOne(copy)))) ? 'done' : 'under-way';
    }
    if ((await this.#outbox.run((outbox) => outbox.countDocuments({ _id: messageId }))) > 0) return 'under-way';
    const causes = letters.map(({ handler }) => identity({ messageId, handler }));
    const sending =
      replacement === undefined ? {} : { messages: [JSON.stringify(replacement)], leasedUntil: new Date(0) };
    for (const [index, cause] of causes.entries()) {
      const commit: CommitDocument = { _id: newId(), cause, ...(index === 0 ? sending : {}) };
      const first = await isFirst(this.#commits.insertOne(commit));
      if (!first && index === 0 && action === 'edited') return 'handled';
    }
    return 'done';
  }

  /** Only the letters that were read: one stored meanwhile is kept. */
  async #delete(letters: Settlement['letters']): Promise<void> {
    for (const { messageId, handler, diedAt } of letters) {
      const asRead: MongoFilter<DeadLetterDocument> = { _id: `${messageId} ${handler}`, diedAt };
      await this.#letters.run((all) => all.deleteOne(asRead));
    }
  }

  /** Fills in the failure of letters that a process of an earlier version stored, also beside this one. */
  async #describe(): Promise<void> {
    const undescribed: MongoFilter<DeadLetterDocument> = { failure: { $exists: false } };
    const found = await this.#letters.run((all) => all.find(undescribed, { reason: 1 }).lean());
    for (const { _id, reason } of found) {
      const still: MongoFilter<DeadLetterDocument> = { _id, ...undescribed };
      await this.#letters.run((all) => all.updateOne(still, { $set: { failure: failureOf(reason) } }));
    }
  }
}

/** False if another process has written a document with the same key. */
async function isFirst(inserting: Promise<unknown>): Promise<boolean> {
  try {
    await inserting;
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

const letterOf = (letter: Omit<DeadLetterDocument, 'message' | 'history'>): DeadLetter => {
  const { messageId, handler, type, source, correlationId, reason, failure, attempts, diedAt } = letter;
  return { messageId, handler, type, source, correlationId, reason, failure, attempts, diedAt };
};

const queryOf = ({ type, handler, failure, reason, from, to }: DeadLetterFilter): MongoFilter<DeadLetterDocument> => ({
  ...(type === undefined ? {} : { type }),
  ...(handler === undefined ? {} : { handler }),
  ...(failure === undefined ? {} : { failure }),
  ...(reason === undefined ? {} : { reason: { $regex: reason.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') } }),
  ...(from === undefined && to === undefined
    ? {}
    : { diedAt: { ...(from === undefined ? {} : { $gte: from }), ...(to === undefined ? {} : { $lt: to }) } }),
});

const earlierThan = ({ diedAt, messageId, handler }: DeadLetterPosition): MongoFilter<DeadLetterDocument> => ({
  $or: [
    { diedAt: { $lt: diedAt } },
    { diedAt, messageId: { $lt: messageId } },
    { diedAt, messageId, handler: { $lt: handler } },
  ],
});
