import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { checkPreconditions, type Preconditions } from '@seam/host';
import { Committer } from '@seam/messaging';
import { ProcessContext } from '@seam/process';
import { checkPrice, type ProductContent, put, type Put } from '../../domain/product.js';
import { Catalogue } from '../../ports/catalogue.js';
import { tagOf } from '../view-products/product.dto.js';
import { published } from './publish-product.js';
import { productsSettings } from '../../products.settings.js';

/** Maximum time that an answer waits until the other services know the product; they get it in any case. */
const KNOWN_WITHIN_MS = 1_000;

export class PutProduct extends Command<Put> {
  constructor(
    readonly sku: string,
    readonly content: ProductContent,
    /**
     * Preconditions on the current product. They are checked in the commit, so that no other change happens in between.
     */
    readonly preconditions: Preconditions,
  ) {
    super();
  }
}

/** Creates a product or replaces its content, and publishes it in the same commit. */
@CommandHandler(PutProduct)
export class PutProductHandler implements ICommandHandler<PutProduct, Put> {
  constructor(
    private readonly committer: Committer,
    private readonly catalogue: Catalogue,
    private readonly context: ProcessContext,
  ) {}

  execute({ sku, content, preconditions }: PutProduct): Promise<Put> {
    checkPrice(content.price, this.context.settings.of(productsSettings).maxPrice);
    const work = this.catalogue.change(sku, (current) => {
      checkPreconditions(preconditions, current === undefined ? undefined : tagOf(current));
      return published(put(current, sku, content));
    });
    return this.committer.commit(work, { dispatchedWithinMs: KNOWN_WITHIN_MS });
  }
}
