import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { CodedError, derivedId, newId } from '@seam/kernel';
import { Committer, work } from '@seam/messaging';
import { unknownSku } from '../../domain/errors.js';
import type { StockLevels } from '../../domain/levels.js';
import { StockKind } from '../../ports/stock.js';

interface StockCorrection {
  readonly userId: string;
  /** Makes the correction repeatable: the same key of the same user is the same correction. */
  readonly idempotencyKey: string | undefined;
  readonly sku: string;
  readonly quantity: number;
  readonly reason: string;
}

/** Removes missing pieces; returns the levels after it. A repetition returns those after the first time. */
export class CorrectStock extends Command<StockLevels> {
  constructor(readonly correction: StockCorrection) {
    super();
  }
}

@CommandHandler(CorrectStock)
export class CorrectStockHandler implements ICommandHandler<CorrectStock, StockLevels> {
  constructor(private readonly committer: Committer) {}

  async execute({ correction }: CorrectStock): Promise<StockLevels> {
    const { userId: by, idempotencyKey: key, sku, quantity, reason } = correction;
    const receiptId = key === undefined ? newId() : derivedId('correction', by, key);
    const correct = { type: 'correct', receiptId, sku, quantity, reason, by } as const;
    const result = await this.committer.commit(work(StockKind, correct, (value) => ({ value, messages: [] })));
    switch (result.outcome) {
      case 'corrected':
        return result.levels;
      case 'unknown-sku':
        throw unknownSku(sku);
      case 'not-available':
        throw notAvailable(sku, quantity, result.available);
      case 'receipt-reused':
        throw new CodedError(
          'unprocessable',
          'IDEMPOTENCY.KEY_REUSED',
          'This Idempotency-Key was used for another correction',
        );
      default:
        throw new Error(`unexpected outcome of a correction: ${result.outcome}`);
    }
  }
}

const notAvailable = (sku: string, quantity: number, available: number): CodedError =>
  new CodedError(
    'conflict',
    'INVENTORY.NOT_ON_HAND',
    `${available} pieces of ${sku} are available; ${quantity} cannot be removed`,
  );
