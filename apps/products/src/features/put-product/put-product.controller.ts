import { Body, Controller, HttpStatus, Param, Put, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sku } from '@seam/contracts';
import { CommandBus } from '@seam/cqrs';
import { Answers, IfState, type Preconditions, Problems } from '@seam/host';
import { Staff } from '@seam/security';
import type { Response } from 'express';
import { productExample, ProductView, tagOf, viewOf } from '../view-products/product.dto.js';
import { PutProductBody } from './put-product.dto.js';
import { PutProduct } from './put-product.handler.js';

@ApiTags('products')
@Controller('api/products')
export class PutProductController {
  constructor(private readonly commands: CommandBus) {}

  @Put(':sku')
  @Staff()
  @ApiOperation({ summary: 'Create a product, or put new content in the place of what it has' })
  @ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The `ETag` of what it may replace, or `*` for any: anything else there is answered with 412',
  })
  @ApiHeader({
    name: 'If-None-Match',
    required: false,
    description: '`*`: only where there is none yet, else 412',
  })
  @Answers(200, ProductView, { description: 'It was there', example: productExample })
  @Answers(201, ProductView, { description: 'It is new', example: productExample })
  @Problems(412, 422)
  async put(
    @Param('sku', { schema: Sku }) sku: string,
    @Body({ schema: PutProductBody }) content: PutProductBody,
    @IfState() preconditions: Preconditions,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ProductView> {
    const { outcome, product } = await this.commands.execute(new PutProduct(sku, content, preconditions));
    response.status(outcome === 'created' ? HttpStatus.CREATED : HttpStatus.OK);
    response.setHeader('ETag', tagOf(product));
    return viewOf(product);
  }
}
