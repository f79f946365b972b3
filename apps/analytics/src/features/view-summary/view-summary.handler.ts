import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { SalesReader, type SalesSummary } from '../../ports/sales.js';

/** Orders, revenue and cancellations since the beginning. */
export class ViewSummary extends Query<SalesSummary> {}

@QueryHandler(ViewSummary)
export class ViewSummaryHandler implements IQueryHandler<ViewSummary> {
  constructor(private readonly sales: SalesReader) {}

  execute(): Promise<SalesSummary> {
    return this.sales.summary();
  }
}
