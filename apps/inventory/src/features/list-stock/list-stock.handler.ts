import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { type StockItem, StockReader, type StockSearch } from '../../ports/stock.js';

export class ListStock extends Query<readonly StockItem[]> {
  constructor(readonly search: StockSearch) {
    super();
  }
}

@QueryHandler(ListStock)
export class ListStockHandler implements IQueryHandler<ListStock> {
  constructor(private readonly stock: StockReader) {}

  execute({ search }: ListStock): Promise<readonly StockItem[]> {
    return this.stock.list(search);
  }
}
