import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { type DemoProduct, demoShop } from '@seam/contracts';
import { Committer } from '@seam/messaging';
import { ProcessContext, Readiness } from '@seam/process';
import { put, type Put } from '../../domain/product.js';
import { Catalogue, type CatalogueChange } from '../../ports/catalogue.js';
import { published } from '../put-product/publish-product.js';
import { productsSettings } from '../../products.settings.js';

/** How long a process that is otherwise ready waits for the other services to know the demo shop. */
const KNOWN_WITHIN_MS = 5_000;

/**
 * Puts the demo shop's products into the catalogue where they are not there yet; one that is stays as staff left it.
 * Transports start after this, so it does not wait for its messages: the process is ready once they have arrived.
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
