import { eur } from '../testing/an-order.js';
import { PostgresCatalogue } from './postgres-catalogue.js';

const row = (amount: number): object => ({ sku: 'A', price_amount: String(amount), currency: 'EUR', active: true });
const product = { sku: 'A', revision: 2, name: '', description: '', price: eur(200), active: true };

describe('the prices in memory', () => {
  let answers: ((rows: object[]) => void)[];
  let catalogue: PostgresCatalogue;
  beforeEach(() => {
    answers = [];
    const database = { prepared: () => new Promise((resolve) => answers.push(resolve)) };
    catalogue = new PostgresCatalogue(
      database as never,
      { register: () => undefined } as never,
      { exclusiveStore: true } as never,
    );
  });
  const asked = async (rows?: object[]): Promise<unknown> => {
    const prices = catalogue.prices(['A']);
    if (rows !== undefined) answers.at(-1)?.(rows);
    return (await prices).get('A')?.price.amount;
  };

  it('are read once, until the product is stored again', async () => {
    expect(await asked([row(100)])).toBe(100);
    expect(await asked()).toBe(100);
    (await catalogue.plan([product])).committed?.();
    expect(await asked([row(200)])).toBe(200);
    expect(answers).toHaveLength(2);
  });

  it('are not those that were read before the product was stored, but returned after it', async () => {
    const early = catalogue.prices(['A']);
    (await catalogue.plan([product])).committed?.();
    answers[0]?.([row(100)]);
    expect((await early).get('A')?.price.amount).toBe(100);
    expect(await asked([row(200)])).toBe(200);
  });

  it('do not lose a product that is stored while another one is read', async () => {
    expect(await asked([row(100)])).toBe(100);
    const both = catalogue.prices(['A', 'B']);
    (await catalogue.plan([product])).committed?.();
    answers.at(-1)?.([{ ...row(5), sku: 'B' }]);
    expect([...(await both).keys()].sort()).toEqual(['A', 'B']);
  });

  it('do not contain a SKU that is in no catalogue', async () => {
    expect(await asked([])).toBeUndefined();
  });
});

describe('storing products', () => {
  it('writes the latest revision of each', async () => {
    const catalogue = new PostgresCatalogue(
      {} as never,
      { register: () => undefined } as never,
      { exclusiveStore: true } as never,
    );
    const { writes } = await catalogue.plan([
      product,
      { ...product, revision: 3, price: eur(300) },
      { ...product, revision: 1 },
    ]);
    expect(writes[0]?.rows).toEqual([{ sku: 'A', revision: 3, price_amount: 300, currency: 'EUR', active: true }]);
  });
});
