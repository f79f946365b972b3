import { CodedError, type Message } from '@seam/kernel';
import { isDuplicateKey, type MongoCollection, type MongoDatabase, type MongoFilter } from '@seam/persistence/mongodb';
import { asKept, type DeadLetter, type DeadLetterPosition, DeadLetters } from '../dead-letters.js';
import { DEAD_LETTERS, type DeadLetterDocument, OUTBOX, type OutboxDocument } from './collections.js';

const LONGEST_REASON = 2_000;

/** Dead letters in MongoDB. A redrive first writes a copy to the outbox, and then deletes the letter. */
export class MongoDeadLetters extends DeadLetters {
  readonly #letters: MongoCollection<DeadLetterDocument>;
  readonly #outbox: MongoCollection<OutboxDocument>;

  constructor(database: Pick<MongoDatabase, 'collection'>) {
    super();
    this.#letters = database.collection<DeadLetterDocument>(DEAD_LETTERS);
    this.#outbox = database.collection<OutboxDocument>(OUTBOX);
  }

  override async store(message: Message, handler: string, reason: string, attempts: number): Promise<void> {
    const { id: messageId, type, source, correlationId } = message;
    const kept = JSON.stringify(asKept(message, handler));
    const first = { messageId, handler, type, source, correlationId, message: kept };
    const store = (): Promise<unknown> =>
      this.#letters.updateOne(
        { _id: `${messageId} ${handler}` },
        {
          $setOnInsert: first,
          $set: { reason: reason.slice(0, LONGEST_REASON), diedAt: new Date() },
          $inc: { attempts },
        },
        { upsert: true },
      );
    await store().catch((error: unknown) => {
      // Another process stored it at the same time and was first: now there is a letter to update.
      if (!isDuplicateKey(error)) throw error;
      return store();
    });
  }

  override async list(limit: number, before?: DeadLetterPosition): Promise<DeadLetter[]> {
    const found = await this.#letters
      .find(before === undefined ? {} : earlierThan(before), { projection: { _id: 0, message: 0 } })
      .sort({ diedAt: -1, messageId: -1, handler: -1 })
      .limit(limit)
      .toArray();
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
    return this.#letters.countDocuments();
  }

  /**
   * After a crash in between, the message is sent and the letter is still there: if it is redriven again, handlers that
   * have handled it ignore it. Only the letters that were read are deleted: one stored meanwhile is kept.
   */
  override redrive(messageId: string): Promise<void> {
    return this.#redrive(messageId);
  }

  async #redrive(messageId: string): Promise<void> {
    const letters = await this.#letters.find({ messageId }).sort({ handler: 1 }).toArray();
    const [letter] = letters;
    if (letter === undefined)
      throw new CodedError('not-found', 'DEAD_LETTER.NOT_FOUND', `There is no dead letter ${messageId}`);
    await this.#outbox
      .insertOne({ _id: messageId, message: letter.message, notBefore: new Date() })
      .catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
        throw new CodedError('conflict', 'DEAD_LETTER.UNDER_WAY', `${messageId} is still being sent; try again`);
      });
    for (const { _id, diedAt } of letters) await this.#letters.deleteOne({ _id, diedAt });
  }
}

const earlierThan = ({ diedAt, messageId, handler }: DeadLetterPosition): MongoFilter<DeadLetterDocument> => ({
  $or: [
    { diedAt: { $lt: diedAt } },
    { diedAt, messageId: { $lt: messageId } },
    { diedAt, messageId, handler: { $lt: handler } },
  ],
});
