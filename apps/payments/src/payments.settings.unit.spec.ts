import { readSettings } from '@seam/process';
import { paymentsSettings } from './payments.settings.js';

it('accepts one webhook secret, or two during a rotation, but neither a weak one nor three', () => {
  const [old, next] = ['a'.repeat(16), 'b'.repeat(16)];
  const read = (text: string): readonly string[] =>
    readSettings({ SEAM_WEBHOOK_SECRETS: text }).of(paymentsSettings).webhookSecrets;
  expect(read('')).toEqual([]);
  expect(read(old)).toEqual([old]);
  expect(read(`${old}, ${next}`)).toEqual([old, next]);
  for (const bad of [`${old},hunter2`, Array(3).fill(old).join()]) {
    expect(() => read(bad)).toThrow('SEAM_WEBHOOK_SECRETS: must be one or two');
    expect(() => read(bad)).not.toThrow('hunter2');
  }
});
