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
  @ApiOperation({ summary: 'Create a product, or replace its content' })
  @ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The `ETag` of the version to replace, or `*` for any; 412 if the product has another one',
  })
  @ApiHeader({
    name: 'If-None-Match',
    required: false,
    description: '`*`: only create, 412 if the product exists',
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
