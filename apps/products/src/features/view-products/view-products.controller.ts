import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sku } from '@seam/contracts';
import { Answers, decodeCursor, type Page, pageOf, Problems, toPage } from '@seam/host';
import { Caller, type OptionalCaller, Public } from '@seam/security';
import { productNotFound } from '../../domain/product.js';
import { Catalogue } from '../../ports/catalogue.js';
import { productExample, ProductView, viewOf } from './product-view.js';
import { SearchProductsQuery } from './search-products.dto.js';

@ApiTags('products')
@Controller('api/products')
export class ViewProductsController {
  constructor(private readonly catalogue: Catalogue) {}

  @Get()
  @Public()
  @ApiOperation({ summary: 'The products by SKU; those that cannot be ordered are shown to staff only' })
  @Answers(200, pageOf(ProductView), { example: { items: [productExample], nextCursor: null } })
  async search(
    @Query({ schema: SearchProductsQuery }) { q, limit, cursor }: SearchProductsQuery,
    @Caller() caller: OptionalCaller,
  ): Promise<Page<ProductView>> {
    const found = await this.catalogue.search({
      text: q,
      includeInactive: caller?.role === 'staff',
      after: cursor === undefined ? undefined : decodeCursor(cursor, Sku),
      limit: limit + 1,
    });
    return toPage(found, limit, ({ sku }) => sku, viewOf);
  }

  @Get(':sku')
  @Public()
  @ApiOperation({ summary: 'One product, also where it cannot be ordered any more' })
  @Answers(200, ProductView, { example: productExample })
  @Problems(404)
  async view(@Param('sku', { schema: Sku }) sku: string): Promise<ProductView> {
    const product = await this.catalogue.find(sku);
    if (product === undefined) throw productNotFound(sku);
    return viewOf(product);
  }
}
