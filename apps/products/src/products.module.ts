import { Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { MessagingModule } from '@seam/messaging';
import { postgresStore } from '@seam/messaging/postgres';
import { PostgresCatalogue } from './adapters/postgres-catalogue.js';
import { ProductEntity } from './adapters/product.entity.js';
import { PutProductController } from './features/put-product/put-product.controller.js';
import { PutProductHandler } from './features/put-product/put-product.handler.js';
import { DemoProductsSeed } from './features/seed-demo-products/demo-products.seed.js';
import { ViewProductsController } from './features/view-products/view-products.controller.js';
import { SearchProductsHandler, ViewProductHandler } from './features/view-products/view-products.handler.js';
import { Catalogue1760100000000 } from './migrations/1760100000000-catalogue.js';
import { Catalogue } from './ports/catalogue.js';

@Module({
  imports: [
    CqrsModule,
    MessagingModule.forService({
      service: 'products',
      store: postgresStore({ migrations: [Catalogue1760100000000], entities: [ProductEntity] }),
    }),
  ],
  controllers: [ViewProductsController, PutProductController],
  providers: [
    { provide: Catalogue, useClass: PostgresCatalogue },
    DemoProductsSeed,
    SearchProductsHandler,
    ViewProductHandler,
    PutProductHandler,
  ],
})
export class ProductsModule {}
