import '@seam/runtime';

const { BenchShop } = await import('./shop.js');

/** The whole shop in a process of its own, so that neither the load nor a floor counts as its memory. */
let confirmed = 0;
const shop = await BenchShop.start(() => (confirmed += 1));
process.send?.({ url: shop.url, databaseUrl: await shop.databaseUrl('users') });
process.on('message', () => process.send?.({ confirmed, memory: process.memoryUsage() }));
process.on('disconnect', () => void shop.stop().then(() => process.exit(0)));
