import { defineCommand, defineEvent } from '@seam/messaging/contract';
import { z } from 'zod';
import { asyncApiDocument } from './async-api.js';

const Paid = defineEvent({ service: 'money', name: 'paid', data: z.object({ amount: z.int() }) });
const Charge = defineCommand({
  service: 'money',
  name: 'charge',
  version: 2,
  data: z.object({ amount: z.int(), note: z.string().optional() }),
  reply: z.object({ receipt: z.string() }),
});

const system = {
  subscriptions: { shop: [Paid], money: [] },
  sent: { shop: { events: [], commands: [Charge] }, money: { events: [Paid], commands: [] } },
  texts: { name: 'Shop', purpose: 'A shop', topics: 'orders' },
};

const documentOf = (...services: string[]): any => JSON.parse(JSON.stringify(asyncApiDocument(system, services)));
const operationsOf = (...services: string[]): string[] => Object.keys(documentOf(...services).operations).sort();

it('has an operation for each service that sends or handles a message', () => {
  expect(operationsOf('shop', 'money')).toEqual([
    'money-receive-money-charge-v2',
    'money-send-money-paid-v1',
    'shop-receive-money-paid-v1',
    'shop-send-money-charge-v2',
  ]);
});

it('has only the messages of the services that it is made for', () => {
  expect(operationsOf('money')).toEqual(['money-receive-money-charge-v2', 'money-send-money-paid-v1']);
  expect(documentOf('nobody')).toMatchObject({ channels: {}, operations: {}, components: { messages: {} } });
});

it('describes the whole message with the contract’s data, and a command’s reply: done or refused', () => {
  const { channels, operations, components } = documentOf('money');
  expect(channels['money-charge-v2']).toMatchObject({ address: 'money.charge.v2' });
  expect(operations['money-receive-money-charge-v2']).toMatchObject({
    action: 'receive',
    channel: { $ref: '#/channels/money-charge-v2' },
    reply: { channel: { $ref: '#/channels/money-charge-v2-reply' } },
  });
  const { properties, required } = components.messages['money-charge-v2'].payload;
  expect(required).toEqual(expect.arrayContaining(['id', 'type', 'kind', 'source', 'correlationId', 'at', 'data']));
  expect(properties.data).toMatchObject({ required: ['amount'], properties: { note: { type: 'string' } } });
  const [done, refused] = components.messages['money-charge-v2-reply'].payload.properties.data.properties.outcome.oneOf;
  expect(done.properties).toMatchObject({ data: { properties: { receipt: { type: 'string' } } } });
  expect(refused.required).toEqual(['outcome', 'code', 'reason']);
});

it('has no reference to a missing element', () => {
  const document = documentOf('shop', 'money');
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, ref = '']) => ref);
  expect(refs.length).toBeGreaterThan(10);
  for (const ref of refs) {
    const found = ref.split('/').reduce<any>((part, name) => part?.[name], document);
    expect([ref, found !== undefined]).toEqual([ref, true]);
  }
});
