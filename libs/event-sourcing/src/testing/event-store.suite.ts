import { newId } from '@seam/kernel';
import { isConflict } from '@seam/messaging';
import { eventually } from '@seam/testing';
import type { DomainEvent } from '../aggregate.js';
import type { EventStore, Position, PositionedEvent, RecordedEvent, Snapshot } from '../event-store.js';

const AT = '2026-11-22T09:30:00.123Z';
const event = (n: unknown, type = 'counted'): DomainEvent => ({ type, at: AT, data: { n } });
const numbers = (events: readonly DomainEvent[]): unknown[] => events.map(({ data }) => (data as { n: unknown }).n);

/** All events of a category, read page by page as a projection would. */
async function readAllOf(store: EventStore, category: string, page = 3): Promise<PositionedEvent[]> {
  const all: PositionedEvent[] = [];
  let after: Position | undefined;
  for (;;) {
    const events = await store.readAll(category, after, page);
    all.push(...events);
    const last = events.at(-1);
    if (last === undefined) return all;
    after = last.position;
  }
}

/**
 * The guarantees of every adapter of {@link EventStore}. `open` is called before each test, and returns one with an
 * empty store.
 */
export function describeEventStore(name: string, open: () => Promise<EventStore>): void {
  describe(`${name}: an event store`, () => {
    let store: EventStore;
    let stream: string;
    beforeEach(async () => {
      store = await open();
      stream = `count-${newId()}`;
    });
    const append = (expectedVersion: number, ...ns: unknown[]): Promise<void> =>
      store.append([{ stream, expectedVersion, events: ns.map((n) => event(n)) }]);
    const conflict = (appending: Promise<unknown>): Promise<void> =>
      appending.then(
        () => {
          throw new Error('appended, where a conflict was expected');
        },
        (error: unknown) => expect({ error, conflict: isConflict(error) }).toMatchObject({ conflict: true }),
      );

    it('returns what was appended, in its order and with its position', async () => {
      await append(0, 1, 2);
      await append(2, 3);
      expect(await store.read(stream)).toEqual([
        { ...event(1), stream, version: 1, schemaVersion: 1 },
        { ...event(2), stream, version: 2, schemaVersion: 1 },
        { ...event(3), stream, version: 3, schemaVersion: 1 },
      ]);
      expect(numbers(await store.read(stream, 1))).toEqual([2, 3]);
      expect(await store.read(stream, 3)).toEqual([]);
      expect(await store.read('count-none')).toEqual([]);
    });

    it('keeps the schema version of each event, with every way to read it', async () => {
      const versioned = [event(1), { ...event(2), schemaVersion: 1 }, { ...event(3), schemaVersion: 7 }];
      await store.append([{ stream, expectedVersion: 0, events: [{ ...event(0), schemaVersion: 2 }] }]);
      await store.append([{ stream, expectedVersion: 1, events: versioned }]);
      const versions = (events: readonly RecordedEvent[] = []): number[] => events.map((one) => one.schemaVersion);
      expect(versions(await store.read(stream))).toEqual([2, 1, 1, 7]);
      expect(versions((await store.readMany([stream])).get(stream))).toEqual([2, 1, 1, 7]);
      await eventually(async () => {
        const all = await readAllOf(store, 'count');
        expect(versions(all.filter((one) => one.stream === stream))).toEqual([2, 1, 1, 7]);
      });
    });

    it.each([
      ['a message', { causationId: newId(), correlationId: newId() }],
      ['a request', { traceId: '0123456789abcdef0123456789abcdef', actor: { id: 'ann', role: 'staff' } }],
      [
        'ids that are no UUIDs',
        { causationId: 'none', correlationId: 'room 12', traceId: 'trace', actor: { id: '', role: '"' } },
      ],
      ['an id in upper case', { correlationId: newId().toUpperCase() }],
    ])('keeps why events were appended: %s', async (_, metadata) => {
      const other = `count-${newId()}`;
      await append(0, 1);
      await store.append(
        [
          { stream, expectedVersion: 1, events: [event(2), event(3)] },
          { stream: other, expectedVersion: 0, events: [{ ...event(4), schemaVersion: 2 }] },
        ],
        metadata,
      );
      await append(3, 5);
      const found = (events: readonly RecordedEvent[]): unknown[] => events.map((one) => one.metadata);
      expect(found(await store.read(stream))).toEqual([undefined, metadata, metadata, undefined]);
      expect(found(await store.read(other))).toEqual([metadata]);
      await eventually(async () => {
        const all = await readAllOf(store, 'count');
        const read = all.filter((one) => one.stream === stream || one.stream === other);
        expect(found(read).filter((one) => one !== undefined)).toEqual([metadata, metadata, metadata]);
      });
    });

    it('stores no metadata where there is none', async () => {
      await store.append([{ stream, expectedVersion: 0, events: [event(1)] }], {});
      expect((await store.read(stream))[0]).not.toHaveProperty('metadata');
    });

    it('reads many streams together, and leaves out those that do not exist', async () => {
      const other = `count-${newId()}`;
      await append(0, 1, 2);
      await store.append([{ stream: other, expectedVersion: 0, events: [event(9)] }]);
      const read = await store.readMany([stream, 'count-none', other]);
      expect(new Map([...read].map(([key, events]) => [key, numbers(events)]))).toEqual(
        new Map([
          [stream, [1, 2]],
          [other, [9]],
        ]),
      );
      expect(await store.readMany([])).toEqual(new Map());
    });

    it.each([
      ['a stream that is ahead of it', [1, 2], 1],
      ['a new stream that already exists', [1], 0],
      ['a stream that is behind it', [1], 2],
      ['a stream that does not exist', [], 1],
    ])('refuses an expected version for %s', async (_, before, expectedVersion) => {
      if (before.length > 0) await append(0, ...before);
      await conflict(append(expectedVersion, 'lost'));
      expect(numbers(await store.read(stream))).toEqual(before);
    });

    it('appends to several streams, or to none of them', async () => {
      const [first, second] = [`count-${newId()}`, `count-${newId()}`];
      const both = (expected: [number, number]): Promise<void> =>
        store.append([
          { stream: first, expectedVersion: expected[0], events: [event('a')] },
          { stream: second, expectedVersion: expected[1], events: [event('b')] },
        ]);
      await both([0, 0]);
      await conflict(both([1, 0]));
      await conflict(both([1, 5]));
      await conflict(both([0, 1]));
      await both([1, 1]);
      expect([(await store.read(first)).length, (await store.read(second)).length]).toEqual([2, 2]);
    });

    it('gives each version to one of many concurrent appends, and leaves no gap', async () => {
      for (let version = 0; version < 5; version += 1) {
        const tries = Array.from({ length: 20 }, (_, index) => append(version, `${version}/${index}`, 'and one more'));
        const outcomes = await Promise.allSettled(tries);
        for (const outcome of outcomes)
          if (outcome.status === 'rejected') expect(isConflict(outcome.reason)).toBe(true);
        const won = outcomes.filter(({ status }) => status === 'fulfilled').length;
        expect({ version, won }).toEqual({ version, won: version % 2 === 0 ? 1 : 0 });
      }
      const read = await store.read(stream);
      expect(read.map(({ version }) => version)).toEqual(read.map((_, index) => index + 1));
    });

    it('stores any text, even a long one', async () => {
      const texts = ['', '☃ 🫖 ünï', '"\\\'\n\t', "'; drop table events --", '{"json":true}', 'x'.repeat(1_000_000)];
      await append(0, ...texts, { deep: [null, true, 1.5, 9_007_199_254_740_991] });
      expect(numbers(await store.read(stream)).slice(0, -1)).toEqual(texts);
      expect(numbers(await store.read(stream)).at(-1)).toEqual({ deep: [null, true, 1.5, 9_007_199_254_740_991] });
    });

    it('does nothing for an empty append', async () => {
      await store.append([]);
      await append(0);
      expect(await store.read(stream)).toEqual([]);
    });

    describe('snapshots', () => {
      const of = (version: number, shape: number, state: unknown, name = stream): Snapshot => ({
        stream: name,
        version,
        shape,
        state,
      });
      const since = async (shape: number): Promise<unknown> => {
        const found = (await store.readSince([{ stream, shape }])).get(stream);
        return found && { ...found, events: numbers(found.events) };
      };

      it('leave out the events before them, and are used only for their shape', async () => {
        await append(0, 1, 2, 3, 4);
        expect(await since(1)).toEqual({ events: [1, 2, 3, 4] });
        await store.saveSnapshots([of(3, 1, { sum: 6 })]);
        expect(await since(1)).toEqual({ snapshot: { version: 3, state: { sum: 6 } }, events: [4] });
        expect(await since(2)).toEqual({ events: [1, 2, 3, 4] });
        await store.saveSnapshots([of(4, 1, 'text with "☃"')]);
        expect(await since(1)).toEqual({ snapshot: { version: 4, state: 'text with "☃"' }, events: [] });
      });

      it('are replaced by later ones and by those of another shape, and by no others', async () => {
        await append(0, 1, 2, 3, 4);
        await store.saveSnapshots([of(3, 1, 'third')]);
        await store.saveSnapshots([of(2, 1, 'second')]);
        expect(await since(1)).toMatchObject({ snapshot: { version: 3, state: 'third' } });
        await store.saveSnapshots([of(1, 2, 'other')]);
        expect(await since(2)).toEqual({ snapshot: { version: 1, state: 'other' }, events: [2, 3, 4] });
        expect(await since(1)).toEqual({ events: [1, 2, 3, 4] });
        await Promise.all(Array.from({ length: 20 }, (_, n) => store.saveSnapshots([of(1 + (n % 4), 2, n % 4)])));
        expect(await since(2)).toEqual({ snapshot: { version: 4, state: 3 }, events: [] });
      });

      it('are stored and read for many streams at once', async () => {
        const [other, none] = [`count-${newId()}`, `count-${newId()}`];
        await append(0, ...Array.from({ length: 30 }, (_, n) => n));
        await store.append([{ stream: other, expectedVersion: 0, events: [event('a'), event('b')] }]);
        await store.saveSnapshots([of(20, 1, 'long'), of(1, 7, 'short', other)]);
        const read = await store.readSince([
          { stream: other, shape: 7 },
          { stream: none, shape: 1 },
          { stream, shape: 1 },
        ]);
        expect(new Set(read.keys())).toEqual(new Set([stream, other]));
        expect(read.get(other)).toMatchObject({ snapshot: { version: 1, state: 'short' }, events: [{ version: 2 }] });
        expect(read.get(stream)?.events.map(({ version }) => version)).toEqual(
          Array.from({ length: 10 }, (_, n) => n + 21),
        );
        expect((await store.readSince([])).size).toBe(0);
      });
    });

    describe('in the order of all events', () => {
      it('reads a category page by page: each event once, each stream in its order', async () => {
        const streams = Array.from({ length: 5 }, () => `page-${newId()}`);
        for (let version = 0; version < 4; version += 2)
          await Promise.all(
            streams.map((one) =>
              store.append([{ stream: one, expectedVersion: version, events: [event(version), event(version + 1)] }]),
            ),
          );
        await store.append([{ stream: 'pages-1', expectedVersion: 0, events: [event('another category')] }]);
        await store.append([{ stream: 'page', expectedVersion: 0, events: [event('no category')] }]);
        const all = await eventually(async () => {
          const read = await readAllOf(store, 'page');
          expect(read.length).toBeGreaterThanOrEqual(20);
          return read;
        });
        expect(all).toHaveLength(20);
        for (const one of streams) expect(numbers(all.filter((read) => read.stream === one))).toEqual([0, 1, 2, 3]);
        expect(await readAllOf(store, 'page', 7)).toEqual(all);
        expect((await store.readAll('page', all[11]?.position, 100)).map(({ position }) => position)).toEqual(
          all.slice(12).map(({ position }) => position),
        );
      });

      it('skips no event that is appended while it reads', async () => {
        const total = 200;
        const seen: string[] = [];
        let after: Position | undefined;
        const writing = Promise.all(
          Array.from({ length: total }, () =>
            store.append([{ stream: `live-${newId()}`, expectedVersion: 0, events: [event(1)] }]),
          ),
        );
        await eventually(
          async () => {
            const events = await store.readAll('live', after, 7);
            seen.push(...events.map((read) => read.stream));
            after = events.at(-1)?.position ?? after;
            expect(seen.length).toBeGreaterThanOrEqual(total);
          },
          { withinMs: 30_000 },
        );
        await writing;
        expect(new Set(seen).size).toBe(total);
        expect(seen).toHaveLength(total);
      });
    });
  });
}
