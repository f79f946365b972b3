import { CodedError, type Message } from '@seam/kernel';
import { isDuplicateKey, type MongoDatabase, type MongoFilter, type MongoModel } from '@seam/persistence/mongodb';
import {
  type DeadLetter,
  type DeadLetterDetail,
  type DeadLetterFilter,
  type DeadLetterGroup,
  type DeadLetterPosition,
  DeadLetters,
  GROUPS_LIMIT,
  type NewDeadLetter,
} from '../dead-letters.js';
import { ATTEMPTS_KEPT, attemptsIn, failureOf } from '../failure.js';
import { type DeadLetterDocument, deadLetterModel, type OutboxDocument, outboxModel } from './collections.js';

/** Dead letters in MongoDB. A redrive first writes a copy to the outbox, and then deletes the letter. */
export class MongoDeadLetters extends DeadLetters {
  readonly #letters: MongoModel<DeadLetterDocument>;
  readonly #outbox: MongoModel<OutboxDocument>;

  constructor(database: Pick<MongoDatabase, 'model'>) {
    super();
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

  /**
   * After a crash in between, the message is sent and the letter is still there: if it is redriven again, handlers that
   * have handled it ignore it. Only the letters that were read are deleted: one stored meanwhile is kept.
   */
  override redrive(messageId: string): Promise<void> {
    return this.#redrive(messageId);
  }

  async #redrive(messageId: string): Promise<void> {
    const letters = await this.#letters.run((all) => all.find({ messageId }).sort({ handler: 1 }).lean());
    const [letter] = letters;
    if (letter === undefined)
      throw new CodedError('not-found', 'DEAD_LETTER.NOT_FOUND', `There is no dead letter ${messageId}`);
    const copy: OutboxDocument = { _id: messageId, message: letter.message, notBefore: new Date() };
    await this.#outbox
      .run((outbox) => outbox.insertOne(copy))
      .catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
        throw new CodedError('conflict', 'DEAD_LETTER.UNDER_WAY', `${messageId} is still being sent; try again`);
      });
    for (const { _id, diedAt } of letters) {
      const asRead: MongoFilter<DeadLetterDocument> = { _id, diedAt };
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
