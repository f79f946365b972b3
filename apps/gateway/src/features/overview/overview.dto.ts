import { z } from 'zod';

const Part = z.record(z.string(), z.unknown());
const Reason = z.object({ code: z.string(), reason: z.string() });

export const PARTS = ['order', 'payment', 'shipment', 'notifications'] as const;
export type PartName = (typeof PARTS)[number];

/** An order with everything that belongs to it. A part that could not be loaded is null, and `unavailable` says why. */
export const OverviewAnswer = z.object({
  order: Part.nullable().describe('As answered by `GET /api/orders/{id}`'),
  payment: Part.nullable().describe(
    'As answered by `GET /api/payments/{orderId}`; also null if there is no payment yet',
  ),
  shipment: z
    .object({ tracking: z.string() })
    .nullable()
    .describe('The shipment of the order; also null if it is not shipped yet'),
  notifications: z
    .array(Part)
    .nullable()
    .describe('Notifications about the order, among the last 500 sent to the caller; newest first'),
  unavailable: z
    .partialRecord(z.enum(PARTS), Reason)
    .describe('The missing parts, each with the reason; empty if nothing is missing'),
});
export type OverviewAnswer = z.infer<typeof OverviewAnswer>;

const orderId = '0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50';

export const overviewExample: OverviewAnswer = {
  order: { id: orderId, status: 'shipped', total: { amount: 2598, currency: 'EUR' }, shipment: { tracking: 'T-1' } },
  payment: null,
  shipment: { tracking: 'T-1' },
  notifications: [
    { id: '0198a7c2-5b1e-7c3d-8f6a-2b9d4e1c7a50', orderId, kind: 'order-confirmed', at: '2026-11-22T10:00:00.000Z' },
  ],
  unavailable: {
    payment: { code: 'GATEWAY.SERVICE_AWAY', reason: 'The service payments is not available at the moment' },
  },
};
