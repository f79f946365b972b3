import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { demoShop } from '@seam/contracts';
import { derivedId } from '@seam/kernel';
import { Committer, work } from '@seam/messaging';
import { ProcessContext } from '@seam/process';
import type { StockChange } from '../../domain/change.js';
import { StockKind } from '../../ports/stock.js';
import { inventorySettings } from '../../inventory.settings.js';

/** Adds the demo shop's stock, as one receipt per SKU, which counts only once: sold pieces stay sold. */
@Injectable()
export class DemoStockSeed implements OnApplicationBootstrap {
  constructor(
    private readonly context: ProcessContext,
    private readonly committer: Committer,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.context.settings.of(inventorySettings).demo) return;
    await this.commitAll(demoShop.map(({ sku }) => ({ type: 'open', sku })));
    await this.commitAll(
      demoShop.map(({ sku, onHand }) => ({
        type: 'receive',
        receiptId: derivedId('demo-shop', sku),
        sku,
        quantity: onHand,
      })),
    );
  }

  private async commitAll(changes: readonly StockChange[]): Promise<void> {
    await Promise.all(
      changes.map((change) =>
        this.committer.commit(work(StockKind, change, () => ({ value: undefined, messages: [] }))),
      ),
    );
  }
}
