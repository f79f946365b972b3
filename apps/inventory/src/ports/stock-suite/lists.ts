import { line, reserve, type StockDriver, upTo } from './driver.js';

/** The stock of every SKU. */
export function lists(driver: () => StockDriver): void {
  const skus = async (search: Partial<Parameters<StockDriver['list']>[0]>): Promise<string[]> =>
    (await driver().list({ limit: 1_000, ...search })).map(({ sku }) => sku);

  it('is listed by the characters of the SKU, with its levels', async () => {
    for (const sku of ['B', 'A-1', 'A', 'A1', '9']) await driver().have(sku, 3);
    await driver().commit(reserve('o1', line('A', 2)));
    expect(await skus({})).toEqual(['9', 'A', 'A-1', 'A1', 'B']);
    expect((await driver().list({ limit: 2 }))[1]).toEqual({
      sku: 'A',
      levels: { available: 1, reserved: 2, sold: 0 },
    });
  });

  it('can be filtered by text in the SKU, and by available pieces', async () => {
    for (const [sku, quantity] of [
      ['MUG-BLUE', 1],
      ['MUG-RED', 5],
      ['TEA-RED', 9],
    ] as const)
      await driver().have(sku, quantity);
    await driver().commit({ type: 'open', sku: 'NONE' });
    expect(await skus({ text: 'MUG' })).toEqual(['MUG-BLUE', 'MUG-RED']);
    expect(await skus({ text: 'RED' })).toEqual(['MUG-RED', 'TEA-RED']);
    for (const text of ['%', '_', '*', '?']) expect(await skus({ text })).toEqual([]);
    expect(await skus({ availableAtMost: 5 })).toEqual(['MUG-BLUE', 'MUG-RED', 'NONE']);
    expect(await skus({ availableAtMost: 0 })).toEqual(['NONE']);
    expect(await skus({ text: 'MUG', availableAtMost: 4 })).toEqual(['MUG-BLUE']);
  });

  it('continues after a SKU, without leaving one out or showing one twice', async () => {
    const all = upTo(1_203).map((i) => `S-${String(i).padStart(4, '0')}`);
    await driver().commitAll(all.map((sku) => ({ type: 'open', sku })));
    const seen: string[] = [];
    for (let page = await skus({ limit: 250 }); page.length > 0; page = await skus({ limit: 250, after: seen.at(-1) }))
      seen.push(...page);
    expect(seen).toEqual(all);
    expect(await skus({ text: '-120', limit: 2, after: 'S-1200' })).toEqual(['S-1201', 'S-1202']);
  });
}
