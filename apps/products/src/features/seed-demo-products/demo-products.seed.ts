import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { type DemoProduct, demoShop } from '@seam/contracts';
import { Committer } from '@seam/messaging';
import { ProcessContext, Readiness } from '@seam/process';
import { put, type Put } from '../../domain/product.js';
import { Catalogue, type CatalogueChange } from '../../ports/catalogue.js';
import { published } from '../put-product/publish-product.js';
import { productsSettings } from '../../products.settings.js';

/** Maximum time that an otherwise ready process waits until the other services know the demo products. */
const KNOWN_WITHIN_MS = 5_000;

/**
 * Adds the demo shop's products to the catalogue if they are missing; existing ones are not changed.
 * Transports start after this, so the start does not wait for the messages: the process is ready when they have
 * arrived.
 */
@Injectable()
export class DemoProductsSeed implements OnApplicationBootstrap {
  private readonly logger = new Logger(DemoProductsSeed.name);

  constructor(
    private readonly context: ProcessContext,
    private readonly readiness: Readiness,
    private readonly committer: Committer,
    private readonly catalogue: Catalogue,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.context.settings.of(productsSettings).demo) return;
    const known = Promise.all(demoShop.map((product) => this.seed(product)));
    known.catch((error: unknown) => this.logger.error('the demo products could not be added to the catalogue', error));
    this.readiness.add('products:demo-shop', () => known);
  }

  private seed({ sku, name, description, price }: DemoProduct): Promise<unknown> {
    const work = this.catalogue.change<Put | undefined>(sku, (current): CatalogueChange<Put | undefined> => {
      if (current !== undefined) return { value: undefined, messages: [] };
      return published(put(undefined, sku, { name, description, price, active: true }));
    });
    return this.committer.commit(work, { dispatchedWithinMs: KNOWN_WITHIN_MS });
  }
}
