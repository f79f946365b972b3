import { z } from 'zod';

const Part = z.record(z.string(), z.unknown());
const Reason = z.object({ code: z.string(), reason: z.string() });

export const PARTS = ['order', 'payment', 'shipment', 'notifications'] as const;
export type PartName = (typeof PARTS)[number];

/** An order with all that belongs to it; what could not be had is null, and `unavailable` says why. */
export const OverviewAnswer = z.object({
  order: Part.nullable().describe('As `GET /api/orders/{id}` answers'),
  payment: Part.nullable().describe('As `GET /api/payments/{orderId}` answers; null also where there is none yet'),
  shipment: z.object({ tracking: z.string() }).nullable().describe('Of the order; null also where it is not shipped'),
  notifications: z
    .array(Part)
    .nullable()
    .describe('Those of the order among the last 500 sent to the caller, newest first'),
  unavailable: z
    .partialRecord(z.enum(PARTS), Reason)
    .describe('The parts that could not be had, and why; empty where all is there'),
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
  unavailable: { payment: { code: 'GATEWAY.SERVICE_AWAY', reason: 'The service payments is away at the moment' } },
};
