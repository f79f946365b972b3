import '@seam/runtime';

const { BenchShop } = await import('./shop.js');

/** The whole shop in a separate process, so that its memory is measured without the load and the floor. */
let confirmed = 0;
const shop = await BenchShop.start(() => (confirmed += 1));
process.send?.({ url: shop.url, databaseUrl: await shop.databaseUrl('users') });
process.on('message', () => process.send?.({ confirmed, memory: process.memoryUsage() }));
process.on('disconnect', () => void shop.stop().then(() => process.exit(0)));
