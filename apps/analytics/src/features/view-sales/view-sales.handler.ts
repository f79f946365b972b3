import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { fill, type Period, type SalesBucket, wholeBuckets } from '../../domain/buckets.js';
import { SalesReader } from '../../ports/sales.js';

/** Orders and revenue by bucket, oldest first, from the first whole bucket of the period to its last. */
export class ViewSales extends Query<readonly SalesBucket[]> {
  constructor(readonly period: Period) {
    super();
  }
}

@QueryHandler(ViewSales)
export class ViewSalesHandler implements IQueryHandler<ViewSales> {
  constructor(private readonly sales: SalesReader) {}

  async execute({ period }: ViewSales): Promise<readonly SalesBucket[]> {
    const whole = wholeBuckets(period);
    return fill(whole, await this.sales.sales(whole));
  }
}
