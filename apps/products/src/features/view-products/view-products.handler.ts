import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { type Product, productNotFound } from '../../domain/product.js';
import { Catalogue, type ProductSearch } from '../../ports/catalogue.js';

export class SearchProducts extends Query<readonly Product[]> {
  constructor(readonly search: ProductSearch) {
    super();
  }
}

export class ViewProduct extends Query<Product> {
  constructor(readonly sku: string) {
    super();
  }
}

@QueryHandler(SearchProducts)
export class SearchProductsHandler implements IQueryHandler<SearchProducts> {
  constructor(private readonly catalogue: Catalogue) {}

  execute({ search }: SearchProducts): Promise<readonly Product[]> {
    return this.catalogue.search(search);
  }
}

@QueryHandler(ViewProduct)
export class ViewProductHandler implements IQueryHandler<ViewProduct> {
  constructor(private readonly catalogue: Catalogue) {}

  async execute({ sku }: ViewProduct): Promise<Product> {
    const product = await this.catalogue.find(sku);
    if (product === undefined) throw productNotFound(sku);
    return product;
  }
}
