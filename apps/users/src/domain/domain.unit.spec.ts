import { LoginThrottle } from './login-throttle.js';
import { checkPassword } from './password-policy.js';
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

describe('LoginThrottle', () => {
  const start = Date.UTC(2026, 0, 1);
  const after = (minutes: number): Date => new Date(start + minutes * 60_000);

  it('closes after ten failures, for the rest of fifteen minutes', () => {
    const throttle = new LoginThrottle();
    for (let failure = 0; failure < 9; failure += 1) throttle.failed('a', after(failure));
    expect(throttle.waitSeconds('a', after(9))).toBeUndefined();
    throttle.failed('a', after(9));
    expect(throttle.waitSeconds('a', after(9))).toBe(360);
    expect(throttle.waitSeconds('b', after(9))).toBeUndefined();
    expect(throttle.waitSeconds('a', after(15))).toBeUndefined();
  });

  it('forgets failures at a success', () => {
    const throttle = new LoginThrottle();
    for (let failure = 0; failure < 10; failure += 1) throttle.failed('a', after(0));
    throttle.succeeded('a');
    expect(throttle.waitSeconds('a', after(0))).toBeUndefined();
  });
});

describe('checkPassword', () => {
  it.each(['Password123', 'aaaaaaaaaaaa', 'ada@example.org', 'qwertyuiop'])('refuses %s', (password) => {
    expect(() => {
      checkPassword(password, 'ada@example.org');
    }).toThrow(expect.objectContaining({ code: 'USER.PASSWORD_TOO_COMMON' }));
  });

  it('takes a long sentence', () => {
    expect(() => {
      checkPassword('correct horse battery staple', 'ada@example.org');
    }).not.toThrow();
  });
});
