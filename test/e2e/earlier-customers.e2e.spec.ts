import { eventually } from '@seam/testing';
import pg from 'pg';
import { Api } from '../support/api.js';
import { ShopProcess, STAFF } from '../support/shop-process.js';

/** Simulates the store of the orders service's previous version: with orders, but without accounts. */
async function forgetAccounts(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(`delete from customer; delete from events where stream like 'accounts-%'`);
  await client.end();
}

it('shows the staff customers that registered before the orders service stored them', async () => {
  let shop = await ShopProcess.start();
  try {
    let guest = new Api(shop.url);
    const customer = await guest.customer();
    const { id, name, email } = (await customer.get('/api/users/me')).body;
    const order = (await customer.order('tok_visa', [{ sku: 'MUG-RED', quantity: 1 }])).body.id;
    const seen = async (): Promise<unknown> =>
      (await (await guest.login(STAFF)).get(`/api/orders/${order}`)).body.customer;
    await eventually(async () => expect(await seen()).toEqual({ id, name, email }));

    await forgetAccounts(shop.databaseUrl('orders'));
    expect(await seen()).toEqual({ id });
    expect(await shop.stop()).toBe(0);
    shop = await ShopProcess.start({ data: shop.data });
    guest = new Api(shop.url);
    await eventually(async () => expect(await seen()).toEqual({ id, name, email }));
    const staff = await guest.login(STAFF);
    expect((await staff.get('/api/dead-letters')).body.items).toEqual([]);
  } finally {
    await shop.stop();
  }
});
