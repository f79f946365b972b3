import { newSealingKeyPair, Opener, sealedFor, Sealer } from './sealed-text.js';

const pair = newSealingKeyPair();
const sealer = new Sealer(pair.publicKey);
const opener = new Opener(pair.privateKey);

describe('a sealed text', () => {
  it('is opened by the private key, also by another process, in the same context', () => {
    for (const text of ['', 'secret', 'größer ✓']) {
      const sealed = sealer.seal(text, 'a-1');
      expect(sealed).toMatch(/^[\w-]+$/);
      expect(opener.open(sealed, 'a-1')).toBe(text);
      expect(new Opener(pair.privateKey).open(sealed, 'a-1')).toBe(text);
    }
  });

  it('does not have the text, differs each time, and names its key', () => {
    const [one, two] = [sealer.seal('secret', 'a-1'), sealer.seal('secret', 'a-1')];
    expect(one).not.toBe(two);
    expect(Buffer.from(one, 'base64url').toString('latin1')).not.toContain('secret');
    expect([sealedFor(one), sealedFor('short')]).toEqual([pair.id, undefined]);
  });

  it.each([
    ['for another context', (sealed: string) => () => opener.open(sealed, 'a-2')],
    ['with another key', (sealed: string) => () => new Opener(newSealingKeyPair().privateKey).open(sealed, 'a-1')],
    ['that was changed', (sealed: string) => () => opener.open(changed(sealed), 'a-1')],
    ['that is cut off', (sealed: string) => () => opener.open(sealed.slice(0, 60), 'a-1')],
  ])('is not opened %s', (_, opening) => {
    expect(opening(sealer.seal('secret', 'a-1'))).toThrow();
  });

  it('is short', () => {
    expect(sealer.seal('a'.repeat(30), 'a-1').length).toBeLessThan(120);
  });
});

function changed(sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 20) ^ 1, bytes.length - 20);
  return bytes.toString('base64url');
}
