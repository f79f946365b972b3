import { decideRefresh, type StoredToken } from './refresh-token.js';

describe('decideRefresh', () => {
  const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
  const stored: StoredToken = { familyId: 'f', usedAt: undefined, revoked: false, expiresAt: at(59) };

  it.each<[string, StoredToken | undefined, string]>([
    ['a good one', stored, 'rotate'],
    ['an unknown one', undefined, 'refuse'],
    ['one of an ended session', { ...stored, revoked: true }, 'refuse'],
    ['one of an expired session', { ...stored, expiresAt: at(10) }, 'refuse'],
    ['one used before this request came', { ...stored, usedAt: at(8) }, 'revoke-family'],
    ['one used by a request at the same time', { ...stored, usedAt: at(9) }, 'refuse'],
  ])('decides about %s', (_, token, decision) => {
    expect(decideRefresh(token, at(10), at(9))).toBe(decision);
  });
});
