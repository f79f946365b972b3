import { CodedError, type Message } from '@seam/kernel';
import { isDuplicateKey, type MongoDatabase, type MongoFilter, type MongoModel } from '@seam/persistence/mongodb';
import { asKept, type DeadLetter, type DeadLetterPosition, DeadLetters } from '../dead-letters.js';
import { type DeadLetterDocument, deadLetterModel, type OutboxDocument, outboxModel } from './collections.js';

const LONGEST_REASON = 2_000;

/** Dead letters in MongoDB. A redrive first writes a copy to the outbox, and then deletes the letter. */
export class MongoDeadLetters extends DeadLetters {
  readonly #letters: MongoModel<DeadLetterDocument>;
  readonly #outbox: MongoModel<OutboxDocument>;

  constructor(database: Pick<MongoDatabase, 'model'>) {
    super();
    this.#letters = database.model(deadLetterModel);
    this.#outbox = database.model(outboxModel);
  }

  override async store(message: Message, handler: string, reason: string, attempts: number): Promise<void> {
    const { id: messageId, type, source, correlationId } = message;
    const kept = JSON.stringify(asKept(message, handler));
    const first = { messageId, handler, type, source, correlationId, message: kept };
    const store = (): Promise<unknown> =>
      this.#letters.run((letters) =>
        letters.updateOne(
          { _id: `${messageId} ${handler}` },
          {
            $setOnInsert: first,
            $set: { reason: reason.slice(0, LONGEST_REASON), diedAt: new Date() },
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

  override async list(limit: number, before?: DeadLetterPosition): Promise<DeadLetter[]> {
    const found = await this.#letters.run((letters) =>
      letters
        .find(before === undefined ? {} : earlierThan(before), { _id: 0, message: 0 })
        .sort({ diedAt: -1, messageId: -1, handler: -1 })
        .limit(limit)
        .lean(),
    );
    return found.map(({ messageId, handler, type, source, correlationId, reason, attempts, diedAt }) => ({
      messageId,
      handler,
      type,
      source,
      correlationId,
      reason,
      attempts,
      diedAt,
    }));
  }

  override count(): Promise<number> {
    return this.#letters.run((letters) => letters.countDocuments());
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
}

const earlierThan = ({ diedAt, messageId, handler }: DeadLetterPosition): MongoFilter<DeadLetterDocument> => ({
  $or: [
    { diedAt: { $lt: diedAt } },
    { diedAt, messageId: { $lt: messageId } },
    { diedAt, messageId, handler: { $lt: handler } },
  ],
});
