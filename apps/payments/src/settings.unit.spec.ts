import { readPaymentsSettings } from './settings.js';

const read = (secrets?: string): readonly string[] =>
  readPaymentsSettings(secrets === undefined ? {} : { SEAM_WEBHOOK_SECRETS: secrets }).webhookSecrets;

describe('SEAM_WEBHOOK_SECRETS', () => {
  it('is off where it is unset or empty', () => {
    expect(read()).toEqual([]);
    expect(read('')).toEqual([]);
  });
  it('is one secret, or two during a rotation', () => {
    expect(read('a'.repeat(16))).toEqual(['a'.repeat(16)]);
    expect(read(`${'a'.repeat(16)}, ${'b'.repeat(16)}`)).toEqual(['a'.repeat(16), 'b'.repeat(16)]);
  });
  it('stops the start where it is weak or too many, and does not say what it was', () => {
    for (const bad of ['hunter2', `${'a'.repeat(16)},hunter2`, Array(3).fill('a'.repeat(16)).join()]) {
      expect(() => read(bad)).toThrow('SEAM_WEBHOOK_SECRETS: must be');
      expect(() => read(bad)).not.toThrow('hunter2');
    }
  });
});
