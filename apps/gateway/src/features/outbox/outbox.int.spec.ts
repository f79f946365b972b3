import { everythingAt, fakeService, fakeUsers, startGateway } from '../../testing/gateway-rig.js';

it('shows the outboxes of all services, and names those that do not answer', async () => {
  const { users, identity } = await fakeUsers();
  const orders = await fakeService();
  const asked: (string | undefined)[] = [];
  orders.answer = ({ url }, response) => {
    asked.push(url);
    const answer = { transport: { status: 'up' }, items: [{ service: 'orders', waiting: 1 }] };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  };
  const gateway = await startGateway(everythingAt(users.url, { orders: [orders.url], payments: [] }));
  const call = async (query: string, role: 'staff' | 'customer'): Promise<{ status: number; body: any }> => {
    const token = await identity.tokenFor({ userId: 'u1', role, email: 'a@b.c' });
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${gateway.url}/api/messages/outbox${query}`, { headers });
    return { status: response.status, body: await response.json() };
  };
  expect((await call('', 'customer')).status).toBe(403);
  expect((await call('?service=nobody', 'staff')).status).toBe(400);
  const one = { service: 'orders', waiting: 1, transport: { status: 'up' } };
  expect((await call('?service=orders', 'staff')).body).toEqual({ items: [one], unavailable: [] });
  expect(asked).toEqual(['/api/messages/outbox?service=orders']);
  expect((await call('?service=payments', 'staff')).body).toMatchObject({
    items: [],
    unavailable: [{ service: 'payments', code: 'GATEWAY.SERVICE_AWAY' }],
  });
  await gateway.close();
  await Promise.all([users.stop(), orders.stop()]);
});
