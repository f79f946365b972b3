import { Body, Controller, HttpStatus, Param, Put, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sku } from '@seam/contracts';
import { Answers } from '@seam/host';
import { Committer } from '@seam/messaging';
import { Staff } from '@seam/security';
import type { Response } from 'express';
import { put } from '../../domain/product.js';
import { Catalogue } from '../../ports/catalogue.js';
import { productExample, ProductView, viewOf } from '../view-products/product-view.js';
import { published } from './publish-product.js';
import { PutProductBody } from './put-product.dto.js';

/** How long an answer waits for the other services to know the product; they learn it in any case. */
const KNOWN_WITHIN_MS = 1_000;

@ApiTags('products')
@Controller('api/products')
export class PutProductController {
  constructor(
    private readonly committer: Committer,
    private readonly catalogue: Catalogue,
  ) {}

  @Put(':sku')
  @Staff()
  @ApiOperation({ summary: 'Create a product, or put new content in the place of what it has' })
  @Answers(200, ProductView, { description: 'It was there', example: productExample })
  @Answers(201, ProductView, { description: 'It is new', example: productExample })
  async put(
    @Param('sku', { schema: Sku }) sku: string,
    @Body({ schema: PutProductBody }) content: PutProductBody,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ProductView> {
    const work = this.catalogue.change(sku, (current) => published(put(current, sku, content)));
    const { outcome, product } = await this.committer.commit(work, { dispatchedWithinMs: KNOWN_WITHIN_MS });
    response.status(outcome === 'created' ? HttpStatus.CREATED : HttpStatus.OK);
    return viewOf(product);
  }
}
