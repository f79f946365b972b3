import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { CodedError, derivedId, newId } from '@seam/kernel';
import { Committer, work } from '@seam/messaging';
import { unknownSku } from '../../domain/errors.js';
import type { StockLevels } from '../../domain/levels.js';
import { StockKind } from '../../ports/stock.js';

interface Receipt {
  readonly userId: string;
  /** Makes the receipt repeatable: the same key of the same user is the same receipt. */
  readonly idempotencyKey: string | undefined;
  readonly sku: string;
  readonly quantity: number;
}

/** Adds delivered pieces; returns the levels after it. A repetition returns those after the first time. */
export class ReceiveStock extends Command<StockLevels> {
  constructor(readonly receipt: Receipt) {
    super();
  }
}

@CommandHandler(ReceiveStock)
export class ReceiveStockHandler implements ICommandHandler<ReceiveStock, StockLevels> {
  constructor(private readonly committer: Committer) {}

  async execute({ receipt: { userId, idempotencyKey: key, sku, quantity } }: ReceiveStock): Promise<StockLevels> {
    const receiptId = key === undefined ? newId() : derivedId('receipt', userId, key);
    const receive = { type: 'receive', receiptId, sku, quantity } as const;
    const result = await this.committer.commit(work(StockKind, receive, (value) => ({ value, messages: [] })));
    switch (result.outcome) {
      case 'received':
        return result.levels;
      case 'unknown-sku':
        throw unknownSku(sku);
      case 'receipt-reused':
        throw new CodedError(
          'unprocessable',
          'IDEMPOTENCY.KEY_REUSED',
          'This Idempotency-Key was used for another receipt',
        );
      default:
        throw new Error(`unexpected outcome of a receipt: ${result.outcome}`);
    }
  }
}
