import { newId } from '@seam/kernel';
import type { Committer } from '@seam/messaging';
import { eventually } from '@seam/testing';
import { eur } from '../testing/an-order.js';
import type { Catalogue, Product } from './catalogue.js';

/** One process of the orders service: its copy of the catalogue, and the committer that stores products in it. */
export interface CatalogueRig {
  readonly catalogue: Catalogue;
  readonly committer: Committer;
}

/** The guarantees of every adapter of {@link Catalogue}. `open` returns two processes on one store. */
export function describeCatalogue(name: string, open: () => Promise<readonly [CatalogueRig, CatalogueRig]>): void {
  describe(`${name}: the copy of the catalogue`, () => {
    let one: CatalogueRig;
    let other: CatalogueRig;
    beforeAll(async () => {
      [one, other] = await open();
    });
    const product = (sku: string, revision: number, amount: number, active = true): Product => ({
      sku,
      revision,
      name: 'A thing',
      description: '',
      price: eur(amount),
      active,
    });
    const keep = ({ catalogue, committer }: CatalogueRig, kept: Product): Promise<'done' | 'duplicate'> =>
      committer.handle(catalogue.keep(kept), { messageId: newId(), handler: 'orders/keep', correlationId: newId() });
    const amount = async ({ catalogue }: CatalogueRig, sku: string): Promise<number | undefined> =>
      (await catalogue.prices([sku])).get(sku)?.price.amount;
    const aSku = (): string => `SKU-${newId().slice(-8).toUpperCase()}`;

    it('contains the products that were stored, and no others', async () => {
      const [a, b] = [aSku(), aSku()];
      await keep(one, product(a, 1, 100));
      await keep(one, product(b, 1, 200, false));
      expect(await one.catalogue.prices([a, b, 'NONE'])).toMatchObject(
        new Map([
          [a, { price: eur(100), active: true }],
          [b, { price: eur(200), active: false }],
        ]),
      );
      expect(await one.catalogue.prices([])).toEqual(new Map());
    });

    it('keeps the highest revision, in whatever order revisions arrive, alone or together', async () => {
      const [apart, together] = [aSku(), aSku()];
      for (const revision of [2, 1, 4, 3]) await keep(one, product(apart, revision, revision * 100));
      await Promise.all([2, 1, 4, 3].map((revision) => keep(one, product(together, revision, revision * 100))));
      expect([await amount(one, apart), await amount(one, together)]).toEqual([400, 400]);
    });

    it('keeps it even if two processes store revisions at once', async () => {
      const sku = aSku();
      await Promise.all([1, 2, 3, 4, 5, 6].map((n) => keep(n % 2 === 0 ? one : other, product(sku, n, n * 100))));
      await eventually(async () => expect([await amount(one, sku), await amount(other, sku)]).toEqual([600, 600]));
    });

    it('does not change if the same message is repeated', async () => {
      const sku = aSku();
      const message = { messageId: newId(), handler: 'orders/keep', correlationId: newId() };
      await one.committer.handle(one.catalogue.keep(product(sku, 1, 100)), message);
      await keep(one, product(sku, 2, 200));
      await other.committer.handle(other.catalogue.keep(product(sku, 1, 100)), message);
      await eventually(async () => expect([await amount(one, sku), await amount(other, sku)]).toEqual([200, 200]));
    });

    it('shows what this process has stored at once, and what another has stored a moment later', async () => {
      const sku = aSku();
      await keep(one, product(sku, 1, 100));
      expect([await amount(one, sku), await amount(other, sku)]).toEqual([100, 100]);
      await keep(one, product(sku, 2, 200));
      expect(await amount(one, sku)).toBe(200);
      await eventually(async () => expect(await amount(other, sku)).toBe(200), { withinMs: 5_000 });
    });
  });
}
