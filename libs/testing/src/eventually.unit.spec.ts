import { eventually } from './eventually.js';

describe('eventually', () => {
  it('gives what the probe gives once it does not throw', async () => {
    let looks = 0;
    const probe = (): string => {
      looks += 1;
      if (looks < 4) throw new Error(`look ${looks}`);
      return 'there';
    };
    expect(await eventually(probe)).toBe('there');
    expect(looks).toBe(4);
  });

  it('waits for promises, and rejects with the last error when the time is over', async () => {
    let looks = 0;
    const probe = (): Promise<never> => Promise.reject(new Error(`look ${(looks += 1)}`));
    await expect(eventually(probe, { withinMs: 20 })).rejects.toThrow(/^look \d+$/);
    expect(looks).toBeGreaterThan(1);
  });
});
