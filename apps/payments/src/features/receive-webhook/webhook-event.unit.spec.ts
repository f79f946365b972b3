import { storableEvent } from './webhook-event.dto.js';

const event = { id: 'e', type: 't' };

describe('an event that is stored', () => {
  it('is unchanged', () => {
    const more = { at: 1795341600000, amount: 12.5, nested: [{ text: 'ü \\u0000 \u{1F600}', none: null, yes: true }] };
    expect(storableEvent({ ...event, ...more })).toEqual({ ...event, ...more });
  });

  it('contains no card numbers', () => {
    const stored = storableEvent({ ...event, card: { number: 4111111111111111, text: 'card 4111 1111 1111 1111' } });
    expect(stored).toEqual({ ...event, card: { number: '[card]', text: 'card [card]' } });
  });

  it('contains no invalid characters, in values or names', () => {
    const stored = storableEvent({ ...event, 'a\0': '\0\0', half: '\ud800' });
    expect(stored).toEqual({ ...event, 'a\ufffd': '\ufffd\ufffd', half: '\ufffd' });
  });
});
