import { z } from 'zod';

export interface TextOptions {
  /** Minimum number of characters (UTF-16 units); default 0. */
  readonly min?: number;
  readonly max: number;
  /** Whether line ends and tabs are allowed. */
  readonly lines?: boolean;
}

/**
 * Text from outside, unchanged: nothing is trimmed. Control characters (Unicode Cc, U+0000 among them) and halves of
 * surrogate pairs are refused, because not every database here can store them; `lines` allows line ends and tabs.
 */
export const text = ({ min = 0, max, lines = false }: TextOptions): z.ZodString => {
  const length = z.string().min(min).max(max);
  return lines
    ? length.regex(
        /^(?:[^\p{Cc}\p{Cs}]|[\t\r\n])*$/u,
        'must be text; the only control characters allowed are line breaks and tabs',
      )
    : length.regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be text without control characters');
};
