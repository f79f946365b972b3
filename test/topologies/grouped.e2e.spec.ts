import { engine } from '@seam/testing/engines';
import { orderFlows } from '../flows/orders.flow.js';
import { GroupedShop } from '../support/grouped-shop.js';
import { freshVhost } from '../support/vhost.js';

const rabbitmq = engine('rabbitmq');

if (rabbitmq === undefined) {
  test.skip('groups of services over RabbitMQ: there is no RabbitMQ here', () => undefined);
} else {
  orderFlows('groups of services over RabbitMQ, behind a gateway', async () => {
    const shop = await GroupedShop.start({ rabbitmqUrl: await freshVhost(rabbitmq) });
    return { url: shop.url, stop: async () => expect(await shop.stop()).toEqual([0, 0, 0, 0, 0]) };
  });
}
