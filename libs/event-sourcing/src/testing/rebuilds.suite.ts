import { eventually } from '@seam/testing';
import { type Rebuilds, type ReportProgress } from '../rebuilds.js';

export interface RebuildsRig {
  /** A new object, as each process has its own. */
  readonly process: () => Rebuilds;
  /** Ends the process whose rebuild is running, like `kill -9`. */
  readonly kill: () => Promise<void>;
}

/** The guarantees of every adapter of {@link Rebuilds}. */
export function describeRebuilds(name: string, open: () => Promise<RebuildsRig>): void {
  describe(`${name}: a rebuild`, () => {
    let rig: RebuildsRig;
    beforeAll(async () => {
      rig = await open();
    });

    /** Starts a rebuild that runs until `end` is called. */
    async function started(
      by: Rebuilds,
    ): Promise<{ report: ReportProgress; end: () => void; ended: Promise<unknown> }> {
      let end!: () => void;
      let report: ReportProgress | undefined;
      const open = new Promise<string>((resolve) => (end = () => resolve('made')));
      const ended = by.run((reporting) => {
        report = reporting;
        return open;
      });
      ended.catch(() => undefined);
      await eventually(() => expect(report).toBeDefined());
      return { report: report!, end, ended };
    }

    it('runs alone, and other requests are refused at once with its progress', async () => {
      const [one, ...others] = [1, 2, 3, 4].map(() => rig.process());
      const running = await started(one!);
      const asked = performance.now();
      const refused = await Promise.all(
        others.map((other) => other.run(() => Promise.resolve()).catch((e: unknown) => e)),
      );
      expect(performance.now() - asked).toBeLessThan(2_000);
      for (const error of refused)
        expect(error).toMatchObject({ kind: 'conflict', code: 'READ_MODELS.REBUILD_RUNNING' });
      await eventually(async () => {
        running.report('order-list', 4_711);
        expect(await others[0]!.running()).toEqual({
          since: expect.any(Date),
          readModel: 'order-list',
          events: 4_711,
        });
      });
      await expect(others[0]!.run(() => Promise.resolve())).rejects.toThrow(
        /4711 events read so far, now for order-list/,
      );
      running.end();
      expect(await running.ended).toBe('made');
      expect(await others[0]!.running()).toBeUndefined();
      expect(await others[0]!.run(() => Promise.resolve('next'))).toBe('next');
    });

    it('that fails lets the next begin', async () => {
      await expect(rig.process().run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
      expect(await rig.process().run(() => Promise.resolve('next'))).toBe('next');
    });

    it('whose process dies lets the next begin', async () => {
      const running = await started(rig.process());
      await rig.kill();
      expect(await eventually(() => rig.process().run(() => Promise.resolve('next')))).toBe('next');
      running.end();
      await running.ended.catch(() => undefined);
    });
  });
}
