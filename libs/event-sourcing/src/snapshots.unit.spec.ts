import { Logger } from '@nestjs/common';
import type { Snapshot } from './event-store.js';
import { SnapshotWriter } from './snapshots.js';

const POLICY = { every: 10, version: 3 };

describe('a writer of snapshots', () => {
  const lines: string[] = [];
  beforeEach(() => {
    lines.length = 0;
    const record = (line: unknown): unknown => lines.push(String(line));
    Logger.overrideLogger({ log: record, warn: record, error: record });
  });

  const saved: Snapshot[][] = [];
  const writing = (): SnapshotWriter => {
    saved.length = 0;
    return new SnapshotWriter({
      saveSnapshots: (snapshots) => {
        saved.push([...snapshots]);
        return Promise.resolve();
      },
    });
  };

  it('stores the latest state of each stream once enough events were appended since the last one', async () => {
    const writer = writing();
    writer.offer(POLICY, { stream: 'a', state: 9, version: 9, since: 0 });
    writer.offer(POLICY, { stream: 'b', state: 12, version: 12, since: 2 });
    writer.offer(POLICY, { stream: 'b', state: 13, version: 13, since: 2 });
    writer.offer(POLICY, { stream: 'c', state: 30, version: 30, since: 20 });
    expect(saved).toEqual([]);
    await writer.idle();
    expect(saved).toEqual([
      [
        { stream: 'b', version: 13, shape: 3, state: 13 },
        { stream: 'c', version: 30, shape: 3, state: 30 },
      ],
    ]);
  });

  it.each([
    ['undefined', { at: undefined }],
    ['a date', { at: new Date(0) }],
    ['a map', new Map([[1, 2]])],
    ['a number that JSON has not', [NaN]],
    ['a bigint', { n: 1n }],
  ])('stores no state with %s in it, which would be another one after it is read, and says so', async (_, state) => {
    const writer = writing();
    writer.offer(POLICY, { stream: 'a', state, version: 10, since: 0 });
    await writer.idle();
    expect(saved).toEqual([]);
    expect(lines.join('\n')).toMatch(/a gets no snapshot: its state is not plain JSON/);
  });

  it('goes on after the store has failed, and logs why', async () => {
    let tries = 0;
    const writer = new SnapshotWriter({
      saveSnapshots: () => ((tries += 1) === 1 ? Promise.reject(new Error('no room')) : Promise.resolve()),
    });
    for (let n = 0; n < 2; n += 1) {
      writer.offer(POLICY, { stream: 'a', state: 1, version: 10, since: 0 });
      await writer.idle();
    }
    expect(tries).toBe(2);
    expect(lines.join('\n')).toMatch(/snapshots were not stored: Error: no room/);
  });
});
