import { DemoError } from './options.js';
import { demandOf, type Burst, type Range, SCARCE } from './plan.js';
import type { Shop } from './shop.js';
import type { Page } from './api-types.js';

interface Product {
  readonly sku: string;
  readonly active: boolean;
  readonly price: { readonly currency: string };
}

const available = async (shop: Shop, sku: string): Promise<number> =>
  (await shop.get<{ available: number }>(`/api/inventory/${sku}`)).available;

/**
 * The SKUs that the shop sells in one currency, because an order and the demo's sums are in one. With the staff's
 * password the scarce SKU gets one piece.
 */
export async function readRange(shop: Shop, staff: Shop | undefined): Promise<Range> {
  const { items } = await shop.get<Page<Product>>('/api/products?limit=100');
  const sold = items.filter(({ active }) => active);
  const { currency } = (sold.find(({ sku }) => sku === SCARCE) ?? sold[0])?.price ?? {};
  const skus = sold.filter(({ price }) => price.currency === currency).map(({ sku }) => sku);
  const common = skus.filter((sku) => sku !== SCARCE);
  if (common.length === 0)
    throw new DemoError('The shop sells nothing: start it with its demo products (SEAM_DEMO=true, the default).');
  if (!skus.includes(SCARCE)) return { skus: common, scarce: undefined };
  if (staff !== undefined && (await available(shop, SCARCE)) === 0) await receive(staff, SCARCE, 1);
  return { skus: common, scarce: await available(shop, SCARCE) };
}

/** Adds missing stock; without the staff's password, rejects if some is missing. */
export async function restock(
  bursts: readonly Burst[],
  shop: Shop,
  staff: Shop | undefined,
  report: (line: string) => void,
): Promise<void> {
  for (const [sku, wanted] of demandOf(bursts)) {
    const missing = wanted - (await available(shop, sku));
    if (missing <= 0) continue;
    if (staff === undefined)
      throw new DemoError(
        `${missing} pieces of ${sku} are missing for so many orders: ask for fewer with --orders, or give ` +
          '--staff-password, so that the demo can restock.',
      );
    await receive(staff, sku, missing);
    report(`took ${missing} of ${sku} into stock`);
  }
}

const receive = (staff: Shop, sku: string, quantity: number): Promise<unknown> =>
  staff.post(`/api/inventory/${sku}/receipts`, { quantity });
