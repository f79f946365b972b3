import { text } from '@seam/kernel';
import { z } from 'zod';

export const WebhookEvent = z
  .strictObject({
    id: text({ min: 1, max: 200 }).describe('The same each time the event is sent'),
    type: z.enum(['charge.captured', 'charge.declined']),
    chargeKey: text({ min: 1, max: 200 }).describe('The key the charge was made under'),
  })
  .meta({
    example: { id: 'evt_1', type: 'charge.captured', chargeKey: 'charge-0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50' },
  });
export type WebhookEvent = z.infer<typeof WebhookEvent>;
