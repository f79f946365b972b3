import fc from 'fast-check';
import { hasCardNumber, withoutCardNumbers, withoutLoggedCardNumbers } from './card-number.js';

/** How numbers of so many digits are printed. */
const PRINTED: Readonly<Record<number, readonly number[]>> = {
  14: [4, 6, 4],
  15: [4, 6, 5],
  16: [4, 4, 4, 4],
  19: [4, 4, 4, 4, 3],
};

/** With the last digit that makes it a card's number (ISO/IEC 7812-1). */
function withCheckDigit(digits: string): string {
  const sum = digits
    .split('')
    .reverse()
    .reduce((total, digit, index) => {
      const counted = Number(digit) * (index % 2 === 0 ? 2 : 1);
      return total + (counted > 9 ? counted - 9 : counted);
    }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

const digits = (count: number): fc.Arbitrary<string> =>
  fc.array(fc.nat(9), { minLength: count, maxLength: count }).map((all) => all.join(''));

const written = fc
  .tuple(
    fc.constantFrom('4', '51', '2221', '34', '37', '36', '6011', '62', '50'),
    fc.constantFrom(14, 15, 16, 19),
    fc.constantFrom('', ' ', '-', '.'),
  )
  .chain(([issuer, length, separator]) =>
    digits(length - 1 - issuer.length).map((rest) => {
      const number = withCheckDigit(issuer + rest);
      let at = 0;
      const groups = (PRINTED[length] ?? []).map((size) => number.slice(at, (at += size)));
      return { number, text: groups.join(separator) };
    }),
  );

const before = fc.constantFrom('', 'card ', 'card: ', '{"number":"', 'attempt 2 ', 'pan=', '(', '12 of 40 ');
const after = fc.constantFrom(
  '',
  '"}',
  ' 12/29',
  ' 12/29 123',
  '|12/29|123',
  ', declined',
  ' 0198a7c2-5b1e-7c3d-8f6a-2b9d4e1c7a50',
);

const hex = fc.oneof(
  digits(32),
  fc.uuid({ version: [4, 7, 8] }).map((id) => id.replaceAll('-', '')),
);
/** Every second one consists of digits only, as one in a few thousand real ids does. */
const uuid = hex.map((all) => all.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-7$3-8$4-$5'));
const traceparent = fc.tuple(hex, digits(16)).map(([trace, span]) => `00-${trace}-${span}-01`);
const id = fc.oneof(
  uuid,
  uuid.map((one) => one.toUpperCase()),
  fc
    .tuple(fc.constantFrom('charge-', 'refund-', 'order-', 'saga-', 'evt_', 'place-order/'), uuid)
    .map((two) => two.join('')),
  traceparent,
  hex,
  digits(18).map((all) => `evt_${all}`),
);
const between = fc.constantFrom(' ', ', ', ' -> ', ': attempt 2 of 5, ', ' 3 ', ' 200 ', '/', '","id":"');

const KINDS = [
  ['a text', withoutCardNumbers],
  ['a line of a log', withoutLoggedCardNumbers],
] as const;

describe.each(KINDS)('%s', (_kind, without) => {
  it('has no card number left, whatever text surrounds it', () => {
    fc.assert(
      fc.property(before, written, after, (head, { number, text }, tail) => {
        const left = without(`${head}${text}${tail}`);
        expect(left).toContain('[card]');
        expect(left.replaceAll(/\D/g, '')).not.toContain(number.slice(0, -4));
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps every id, whatever its digits are and whatever text surrounds it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(id, between), { minLength: 1, maxLength: 4 }), (parts) => {
        const text = `200 ${parts.flat().join('')}`;
        expect(without(text)).toBe(text);
      }),
      { numRuns: 5_000 },
    );
  });
});

it('a card number with its date of expiry is found in the place of a token', () => {
  fc.assert(fc.property(written, after, ({ text }, tail) => expect(hasCardNumber(`${text}${tail}`)).toBe(true)));
});
