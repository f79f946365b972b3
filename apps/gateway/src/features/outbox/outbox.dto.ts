import { OutboxesAnswer, outboxesExample } from '@seam/host';
import { z } from 'zod';
import { UnavailableServices } from '../ask-services.js';

const { transport, items } = OutboxesAnswer.shape;

export const AllOutboxesAnswer = z.object({
  items: z.array(items.element.extend({ transport })),
  unavailable: UnavailableServices,
});
export type AllOutboxesAnswer = z.infer<typeof AllOutboxesAnswer>;

export const allOutboxesExample: AllOutboxesAnswer = {
  items: outboxesExample.items.map((item) => ({ ...item, transport: outboxesExample.transport })),
  unavailable: [],
};
