import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { unknownSku } from '../../domain/errors.js';
import type { StockLevels } from '../../domain/levels.js';
import { StockReader } from '../../ports/stock.js';

/** Fails with `INVENTORY.UNKNOWN_SKU` if the SKU is not tracked. */
export class ViewStock extends Query<StockLevels> {
  constructor(readonly sku: string) {
    super();
  }
}

@QueryHandler(ViewStock)
export class ViewStockHandler implements IQueryHandler<ViewStock> {
  constructor(private readonly stock: StockReader) {}

  async execute({ sku }: ViewStock): Promise<StockLevels> {
    const levels = await this.stock.find(sku);
    if (levels === undefined) throw unknownSku(sku);
    return levels;
  }
}
