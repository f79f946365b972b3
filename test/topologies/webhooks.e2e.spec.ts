import { engine } from '@seam/testing/engines';
import { WEBHOOK_SECRET, webhookFlows } from '../flows/webhooks.flow.js';
import { GROUPS, GroupedShop } from '../support/grouped-shop.js';
import { ShopProcess } from '../support/shop-process.js';
import { freshVhost } from '../support/vhost.js';

const env = { SEAM_WEBHOOK_SECRETS: WEBHOOK_SECRET };
const rabbitmq = engine('rabbitmq');

webhookFlows('one process, behind a gateway', async () => {
  const shop = await ShopProcess.start({ env });
  const peers = Object.values(GROUPS)
    .flat()
    .map((service) => `${service}=${shop.url}`);
  const gateway = await ShopProcess.start({ app: 'gateway', env: { SEAM_SERVICES: '', SEAM_PEERS: peers.join() } });
  return {
    url: gateway.url,
    paymentsDatabase: shop.databaseUrl('payments'),
    stop: async () => expect(await Promise.all([gateway.stop(), shop.stop()])).toEqual([0, 0]),
  };
});

if (rabbitmq === undefined) {
  test.skip('webhooks to groups of services: there is no RabbitMQ here', () => undefined);
} else {
  webhookFlows('groups of services over RabbitMQ, behind a gateway', async () => {
    const shop = await GroupedShop.start({ rabbitmqUrl: await freshVhost(rabbitmq), env });
    return {
      url: shop.url,
      paymentsDatabase: shop.databaseUrl('payments'),
      stop: async () => expect(await shop.stop()).toEqual([0, 0, 0, 0, 0]),
    };
  });
}
