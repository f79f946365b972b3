import { orderFlows } from '../flows/orders.flow.js';
import { ShopProcess } from '../support/shop-process.js';

orderFlows('one process', async () => {
  const shop = await ShopProcess.start();
  return { url: shop.url, stop: async () => expect(await shop.stop()).toBe(0) };
});
