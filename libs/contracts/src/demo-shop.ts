import type { Money } from '@seam/kernel';
import { z } from 'zod';

export interface DemoProduct {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly price: Money;
  /** Pieces on hand at the first start. */
  readonly onHand: number;
}

const product = (sku: string, name: string, cents: number, description: string, onHand = 100): DemoProduct => ({
  sku,
  name,
  description,
  price: { amount: cents, currency: 'EUR' },
  onHand,
});

/** The products of the demo shop: `products` seeds the catalogue from it, `inventory` the stock. */
export const demoShop: readonly DemoProduct[] = [
  product('MUG-BLUE', 'Blue mug', 1299, 'Stoneware, 350 ml, dishwasher safe'),
  product('MUG-RED', 'Red mug', 1299, 'Stoneware, 350 ml, dishwasher safe'),
  product('TEAPOT-CAST', 'Cast-iron teapot', 4990, 'Enamelled inside, 0.8 l'),
  product('TEA-ASSAM', 'Assam tea', 890, 'Loose leaf, 100 g'),
  product('TEA-SENCHA', 'Sencha tea', 1150, 'Loose leaf, 100 g'),
  product('KETTLE-STEEL', 'Steel kettle', 5900, 'For every stove, 1.7 l'),
  product('GRINDER-HAND', 'Hand grinder', 7450, 'Ceramic burr, 30 g'),
  product('BEANS-HOUSE', 'House blend', 1090, 'Whole beans, 250 g'),
  product('FILTER-PAPER', 'Paper filters', 450, 'Size 02, 100 pieces'),
  product('TOWEL-LINEN', 'Linen towel', 1650, '50 by 70 cm'),
  product('SPOON-OAK', 'Oak spoon', 780, 'Oiled, 30 cm'),
  product('LAST-ONE', 'The last one', 9900, 'A single piece, and none to follow', 1),
];

/** Whether there are demo products, and stock of them: for each service that seeds some. */
export const demoSetting = {
  name: 'SEAM_DEMO',
  schema: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .default(true),
  may: 'must be true or false',
};
