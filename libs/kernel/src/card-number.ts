/** Lengths as in ISO/IEC 7812-1. */
const FEWEST_DIGITS = 12;
const MAX_DIGITS = 19;

/** A UUID, or a `traceparent`: their groups may consist of digits only, and are not card numbers. */
const ID = String.raw`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}`;

/** Digits, with or without separators between groups, up to the next id. */
const DIGITS = String.raw`\d(?:(?:[ .-](?!${ID}))?\d)+`;

/** A part of a longer id or of a provider's token never appears alone in a text. */
const STANDING = new RegExp(String.raw`(?<id>${ID})|(?<![\p{L}\p{N}_-])${DIGITS}(?![\p{L}\p{N}_-])`, 'giu');
const IN_A_LOG = new RegExp(String.raw`(?<id>${ID})|\b${DIGITS}\b`, 'gi');

/** Whether the last digit is the check digit of those before it (ISO/IEC 7812-1, Luhn); other characters are ignored. */
function hasCheckDigit(text: string): boolean {
  const digits = text.replace(/\D/g, '').split('').reverse().map(Number);
  const sum = digits.reduce((total, digit, index) => {
    const doubled = index % 2 === 0 ? digit : digit * 2;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** Whether a text contains a card number, in any decimal digits of Unicode. */
export function hasCardNumber(text: string): boolean {
  const plain = text.normalize('NFKC');
  return replaceCards(plain, STANDING, FEWEST_DIGITS) !== plain;
}

/** The text with each card number replaced by `[card]`; unchanged without one. */
export const withoutCardNumbers = (text: string): string =>
  hasCardNumber(text) ? replaceCards(text.normalize('NFKC'), STANDING, FEWEST_DIGITS) : text;

/**
 * The same for a log line. Numbers of less than 14 digits are ignored, because times look like them. Any character may
 * precede the number, because no id that is logged is a word followed by 14 to 19 digits.
 */
export const withoutLoggedCardNumbers = (text: string): string => replaceCards(text, IN_A_LOG, 14);

const replaceCards = (text: string, pattern: RegExp, fewest: number): string =>
  text.replace(pattern, (digits, id: string | undefined) => (id === undefined ? cardsOut(digits, fewest) : digits));

/**
 * Searches for a number that begins and ends at group boundaries: other numbers may come before and after it, such as its
 * date of expiry.
 */
function cardsOut(digits: string, fewest: number): string {
  const groups = Array.from(digits.matchAll(/\d+/g), ({ 0: { length }, index }) => ({ at: index, length }));
  let clean = '';
  let done = 0;
  for (let first = 0; first < groups.length; first += 1) {
    const end = endOfCard(digits, groups, first, fewest);
    if (end === undefined) continue;
    clean += `${digits.slice(done, groups[first]?.at)}[card]`;
    done = end;
    while ((groups[first + 1]?.at ?? Infinity) < end) first += 1;
  }
  return clean + digits.slice(done);
}

interface Group {
  readonly at: number;
  readonly length: number;
}

/** The end of the longest card number that begins with this group. */
function endOfCard(digits: string, groups: readonly Group[], first: number, fewest: number): number | undefined {
  const start = groups[first]?.at ?? 0;
  const lengths: number[] = [];
  let count = 0;
  let found: number | undefined;
  for (const { at, length } of groups.slice(first, first + MAX_DIGITS)) {
    lengths.push(length);
    count += length;
    if (count > MAX_DIGITS) break;
    const whole = first === 0 && lengths.length === groups.length;
    if (count >= fewest && isWritten(lengths, whole) && hasCheckDigit(digits.slice(start, at + length)))
      found = at + length;
  }
  return found;
}

/**
 * Whether a card number may be written in such groups: as one group, as printed, or, if the text contains nothing else,
 * in any.
 */
function isWritten(lengths: readonly number[], whole: boolean): boolean {
  if (lengths.length === 1) return true;
  if (whole) return lengths.every((length) => length <= 7);
  return lengths.every((length, index) => length <= 6 && (length >= 4 || index === lengths.length - 1));
}
