import { defineCommand } from '@seam/messaging/contract';
import { z } from 'zod';

/** Puts a room on the list of rooms to be cleaned on a day; the reply has its place, from 1. Refused: `DAY_FULL`. */
export const AssignCleaner = defineCommand({
  service: 'cleaning',
  name: 'assign-cleaner',
  data: z.object({ room: z.string(), day: z.string() }),
  reply: z.object({ place: z.int() }),
});
