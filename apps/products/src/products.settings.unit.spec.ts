import { readSettings } from '@seam/process';
import { productsSettings } from './products.settings.js';

const highest = (text: string): number => readSettings({ SEAM_MAX_PRICE: text }).of(productsSettings).maxPrice;

it.each(['0', '9007199254740992', '1.5', 'a lot'])('does not accept %s as the maximum price', (text) => {
  expect(() => highest(text)).toThrow(/SEAM_MAX_PRICE is ".*": must be a whole number/);
});

it('accepts a maximum price, and has a default', () => {
  expect(highest('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
  expect(highest('')).toBe(100_000_000_000);
});
