import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sku } from '@seam/contracts';
import { QueryBus } from '@seam/cqrs';
import { Answers, decodeCursor, type Page, pageOf, Problems, toPage } from '@seam/host';
import { Caller, type OptionalCaller, Public } from '@seam/security';
import type { Response } from 'express';
import { productExample, ProductView, tagOf, viewOf } from './product.dto.js';
import { SearchProductsQuery } from './search-products.dto.js';
import { SearchProducts, ViewProduct } from './view-products.handler.js';

@ApiTags('products')
@Controller('api/products')
export class ViewProductsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Public()
  @ApiOperation({ summary: 'The products by SKU; products that cannot be ordered are shown to staff only' })
  @Answers(200, pageOf(ProductView), { example: { items: [productExample], nextCursor: null } })
  async search(
    @Query({ schema: SearchProductsQuery }) { q, limit, cursor }: SearchProductsQuery,
    @Caller() caller: OptionalCaller,
  ): Promise<Page<ProductView>> {
    const search = {
      text: q,
      includeInactive: caller?.role === 'staff',
      after: cursor === undefined ? undefined : decodeCursor(cursor, Sku),
      limit: limit + 1,
    };
    const found = await this.queries.execute(new SearchProducts(search));
    return toPage(found, limit, ({ sku }) => sku, viewOf);
  }

  @Get(':sku')
  @Public()
  @ApiOperation({
    summary: 'One product, even if it cannot be ordered any more',
    description: 'Send its `ETag` as `If-Match` with a change, so that a change made meanwhile is not overwritten.',
  })
  @Answers(200, ProductView, { example: productExample })
  @Problems(404)
  async view(
    @Param('sku', { schema: Sku }) sku: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ProductView> {
    const product = await this.queries.execute(new ViewProduct(sku));
    response.setHeader('ETag', tagOf(product));
    return viewOf(product);
  }
}
