import { type CommandContract, defineCommand } from '@seam/messaging/contract';
import { z } from 'zod';

/** How a saga says that it waits for an event: a command to its own service, answered with the event's data. */
export const awaitEvent = (service: string): CommandContract<{ type: string; key: string }> =>
  defineCommand({
    service,
    name: 'await-event',
    data: z.object({ type: z.string(), key: z.string() }),
    reply: z.unknown(),
  });
