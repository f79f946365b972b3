import fc from 'fast-check';
import { Email, normaliseEmail } from './email.js';

describe('an e-mail address', () => {
  it.each([
    ['ada@example.org', 'ada@example.org'],
    ['  Ada@Example.ORG ', 'ada@example.org'],
    ['ada+tea%shop@example.org', 'ada+tea%shop@example.org'],
    ['user%relay.example@example.org', 'user%relay.example@example.org'],
    ["o'neil!#$&*/=?^`{|}~@example.org", "o'neil!#$&*/=?^`{|}~@example.org"],
    ['ada@bücher.example', 'ada@bücher.example'],
    ['ada@BÜCHER.example', 'ada@bücher.example'],
    ['ada@bu\u0308cher.example', 'ada@bücher.example'],
    ['ada@xn--bcher-kva.example', 'ada@bücher.example'],
    ['ada@例え。テスト', 'ada@例え.テスト'],
    ['jose\u0301@example.org', 'josé@example.org'],
    ['用户@例え.テスト', '用户@例え.テスト'],
    ['ada@a.b-c.co', 'ada@a.b-c.co'],
  ])('%j is taken as %j', (given, normalised) => expect(Email.parse(given)).toBe(normalised));

  it.each([
    'nobody',
    '@example.org',
    'ada@',
    'ada@localhost',
    'ada@example',
    'ada@example.o',
    'ada@127.0.0.1',
    'ada@[127.0.0.1]',
    'ada@-a.org',
    'ada@a-.org',
    'ada@a_b.org',
    'ada@a..org',
    'ada@%61.org',
    'ada@a.org:25',
    'ada@a.org/x',
    '.ada@example.org',
    'ada.@example.org',
    'a..da@example.org',
    'a da@example.org',
    'ada@eve@example.org',
    'ada,eve@example.org',
    'Ada <ada@example.org>',
    '"ada"@example.org',
    'ada\r\nBcc: eve@example.org',
    `${'a'.repeat(65)}@example.org`,
    `${'ü'.repeat(33)}@example.org`,
    `ada@${'a'.repeat(64)}.org`,
    `ada@${'ü'.repeat(60)}.org`,
    `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`,
  ])('%j is none', (given) => expect(Email.safeParse(given).success).toBe(false));

  it('has one spelling, however often it is normalised', () => {
    const some = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.emailAddress(),
      fc.domain({}).map((at) => `Ä@ü.${at}`),
    );
    fc.assert(fc.property(some, (given) => expect(normaliseEmail(normaliseEmail(given))).toBe(normaliseEmail(given))));
  });
});
