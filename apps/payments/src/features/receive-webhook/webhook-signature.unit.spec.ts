import { isSigned, signatureOf } from './webhook-signature.js';

const now = new Date('2026-11-22T10:00:00Z');
const seconds = now.getTime() / 1_000;
const body = Buffer.from('{"id":"evt_1"}');
const sign = (secret: string, at = seconds): string => signatureOf(body, secret, at);

describe('a webhook’s signature', () => {
  it.each<[string, string | undefined, readonly string[], boolean]>([
    ['of the only secret', sign('old'), ['old'], true],
    ['of the old secret during a rotation', sign('old'), ['new', 'old'], true],
    ['of the new secret during a rotation', sign('new'), ['new', 'old'], true],
    ['of both secrets at once', `${sign('old')},${sign('new').split(',')[1]}`, ['new'], true],
    ['of a secret that is gone', sign('old'), ['new'], false],
    ['exactly at the end of its life', sign('old', seconds - 300), ['old'], true],
    ['that is stale', sign('old', seconds - 301), ['old'], false],
    ['from the future', sign('old', seconds + 301), ['old'], false],
    ['whose time was made newer', sign('old', seconds - 900).replace(/^t=\d+/, `t=${seconds}`), ['old'], false],
    ['with no time', sign('old').replace(/^t=\d+,/, ''), ['old'], false],
    ['with no digest', `t=${seconds}`, ['old'], false],
    ['that is cut short', sign('old').slice(0, -2), ['old'], false],
    ['that is missing', undefined, ['old'], false],
    ['with no secret to check it', sign(''), [], false],
  ])('%s', (_case, header, secrets, expected) => {
    expect(isSigned(body, header, secrets, now)).toBe(expected);
  });

  it('is of these bytes, not of the parsed value', () => {
    expect(isSigned(Buffer.from('{ "id": "evt_1" }'), sign('old'), ['old'], now)).toBe(false);
  });
});
