import fc from 'fast-check';
import { text } from './text.js';

const line = text({ max: 20 });

it.each(['', 'MUG', ' as it came ', 'Ünïcødé', '😀', '日本語', '\u200b', '{"$ne":null}'])(
  'takes %j as it came',
  (value) => {
    expect(line.parse(value)).toBe(value);
  },
);

it.each(['\u0000', 'a\u0000b', '\u001b[2J', 'a\r\nb', '\t', '\u007f', '\u0085', '\ud800', 'a\udc00', '\ude00\ud83d'])(
  'refuses %j',
  (value) => expect(line.safeParse(value).success).toBe(false),
);

it('allows line ends and tabs if `lines` is set, and no other control characters', () => {
  const lines = text({ max: 20, lines: true });
  expect(lines.parse('a\r\n\tb')).toBe('a\r\n\tb');
  for (const value of ['\u0000', '\u000b', '\ud800']) expect(lines.safeParse(value).success).toBe(false);
});

it('checks its limits', () => {
  const some = text({ min: 1, max: 3 });
  expect(['', 'a', 'abc', 'abcd'].map((value) => some.safeParse(value).success)).toEqual([false, true, true, false]);
});

it('takes only what UTF-8 and PostgreSQL can keep', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      if (!text({ max: 1_000 }).safeParse(value).success) return;
      expect(Buffer.from(value).toString()).toBe(value);
      expect(value).not.toContain('\0');
    }),
  );
});
