import { eventually } from './eventually.js';

describe('eventually', () => {
  it('returns the result of the probe once it does not throw', async () => {
    let attempts = 0;
    const probe = (): string => {
      attempts += 1;
      if (attempts < 4) throw new Error(`attempt ${attempts}`);
      return 'there';
    };
    expect(await eventually(probe)).toBe('there');
    expect(attempts).toBe(4);
  });

  it('waits for promises, and rejects with the last error when the time is over', async () => {
    let attempts = 0;
    const probe = (): Promise<never> => Promise.reject(new Error(`attempt ${(attempts += 1)}`));
    await expect(eventually(probe, { withinMs: 20 })).rejects.toThrow(/^attempt \d+$/);
    expect(attempts).toBeGreaterThan(1);
  });
});
