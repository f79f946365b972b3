import { hasCardNumber, text, withoutCardNumbers } from '@seam/kernel';
import { z } from 'zod';

/** The parts of an event that are read. Its other fields, and events of unknown types, are stored unchanged. */
export const WebhookEvent = z
  .looseObject({
    id: text({ min: 1, max: 200 }).describe('The same each time the event is sent'),
    type: text({ min: 1, max: 200 }).describe('Such as charge.captured, charge.declined, charge.refunded'),
    chargeKey: z.unknown().optional().describe('The key of the charge that the event is about, if any'),
  })
  .meta({
    example: { id: 'evt_1', type: 'charge.captured', chargeKey: 'charge-0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50' },
  });
export type WebhookEvent = z.infer<typeof WebhookEvent>;

/** A number with fewer digits is more likely a time than a card number. */
const FEWEST_DIGITS = 14;

/** In JSON, the escapes of characters that no database here accepts: U+0000, and halves of surrogate pairs. */
const NO_TEXT = /(?<=(?<!\\)(?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** The event as it may be stored: without card numbers, in any field, and with U+FFFD for invalid characters. */
export function storableEvent(event: WebhookEvent): unknown {
  const json = JSON.stringify(event, (_, value: unknown) => {
    if (typeof value === 'string') return withoutCardNumbers(value);
    return typeof value === 'number' && isCardNumber(String(value)) ? '[card]' : value;
  });
  return JSON.parse(json.replace(NO_TEXT, String.raw`\ufffd`));
}

const isCardNumber = (digits: string): boolean => digits.length >= FEWEST_DIGITS && hasCardNumber(digits);
