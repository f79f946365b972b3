import { hasCardNumber, withoutCardNumbers } from './card-number.js';

describe('a card number', () => {
  it.each([
    ['of 16 digits', '4111111111111111'],
    ['in groups', '4111 1111 1111 1111'],
    ['with hyphens', '5555-5555-5555-4444'],
    ['of 15 digits', '378282246310005'],
    ['of 13 digits', '4222222222222'],
    ['of 12 digits', '676770000005'],
    ['of 19 digits', '6304000000000000000'],
    ['with what belongs to it', '4111111111111111|12/29|123'],
    ['after a word', 'card: 4111111111111111'],
    ['in full-width digits', '４１１１１１１１１１１１１１１１'],
  ])('%s is found', (_how, text) => {
    expect(hasCardNumber(text)).toBe(true);
    expect(withoutCardNumbers(text)).toContain('[card]');
    expect(withoutCardNumbers(text)).not.toMatch(/\d{6}/);
  });

  it.each([
    ['a number with another check digit', '4111111111111112'],
    ['too short a number', '42'],
    ['too long a number', '41111111111111111111'],
    ['a token', 'tok_visa'],
    ['a token of digits', 'tok_4111111111111111'],
    ['an id', '41111111-1111-4111-8111-111111111111'],
    ['a hash', 'a4111111111111111f'],
    ['no text', ''],
  ])('is not %s', (_what, text) => {
    expect(hasCardNumber(text)).toBe(false);
    expect(withoutCardNumbers(text)).toBe(text);
  });
});
