import { newId } from '@seam/kernel';
import { eventually } from '@seam/testing';
import type { EventStore, Position } from '../event-store.js';
import type { ProjectorLoop } from '../projector-loop.js';
import { added } from './tally.js';

/** How long the append stays open. All later ones commit meanwhile. */
const HELD_MS = 1_500;
const LATER = 1_000;
/** The number in the late event. */
const LATE = 5_000;

export interface LateAppendRig {
  readonly store: EventStore;
  /** Appends, but does not commit before it is released; resolves once the append is open. */
  hold(append: (store: EventStore) => Promise<void>): Promise<{ commit(): Promise<void> }>;
  /** A projector of a read model of all tallies. */
  readonly projector: ProjectorLoop;
  /** The sums in that read model. */
  sums(): Promise<readonly number[]>;
}

/** An append that becomes visible long after later ones is skipped by no reader of all events. */
export function describeLateAppends(name: string, open: () => Promise<LateAppendRig>): void {
  it(`${name}: an append that is held open while ${LATER} later ones commit is skipped by no subscription and no read model`, async () => {
    const { store, hold, projector, sums } = await open();
    const late = `tally-${newId()}`;
    const append = (stream: string, n: number): Promise<void> =>
      store.append([{ stream, expectedVersion: 0, events: [added(n)] }]);
    await append(`tally-${newId()}`, 0);

    const read: string[] = [];
    const ended = { reading: false };
    const subscription = (async () => {
      for (let after: Position | undefined; !ended.reading;) {
        const events = await store.readAll('tally', after, 100);
        read.push(...events.map(({ stream }) => stream));
        after = events.at(-1)?.position ?? after;
        if (events.length === 0) await new Promise((run) => setTimeout(run, 5));
      }
    })();
    projector.start();

    const since = performance.now();
    const held = await hold((by) => by.append([{ stream: late, expectedVersion: 0, events: [added(LATE)] }]));
    const streams = Array.from({ length: LATER }, () => `tally-${newId()}`);
    let next = 0;
    const writers = Array.from({ length: 8 }, async () => {
      for (let n = next++; n < LATER; n = next++) await append(streams[n] ?? '', n + 1);
    });
    await Promise.all(writers);
    await new Promise((run) => setTimeout(run, HELD_MS - (performance.now() - since)));
    expect(read).not.toContain(late);
    expect(await store.read(late)).toEqual([]);
    await held.commit();

    await eventually(() => expect(read.length).toBeGreaterThanOrEqual(LATER + 2), { withinMs: 20_000 });
    await eventually(async () => expect(await sums()).toHaveLength(LATER + 2), { withinMs: 20_000 });
    ended.reading = true;
    await subscription;
    await projector.stop();
    expect(read).toHaveLength(LATER + 2);
    expect(new Set(read)).toEqual(new Set([read[0], late, ...streams]));
    const expected = [...Array.from({ length: LATER + 1 }, (_, n) => n), LATE];
    expect([...(await sums())].sort((a, b) => a - b)).toEqual(expected);
  }, 60_000);
}
