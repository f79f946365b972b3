import type { RecordedEvent } from '../event-store.js';
import type { ProjectionClient } from './postgres-projection.js';
import { added, Tally, tallyView } from '../testing/tally.js';

const eventsOf = (streams: number): RecordedEvent[] =>
  Array.from({ length: streams }, (_, n) => ({ ...added(n), stream: `tally-${n}`, version: 1, schemaVersion: 1 }));

it('lets the event loop run while it folds many streams', async () => {
  const written: object[] = [];
  const query = (_: string, values?: unknown[]): Promise<unknown> => {
    if (values !== undefined) written.push(...(JSON.parse(String(values[0])) as object[]));
    return Promise.resolve({ rows: [] });
  };
  let turns = 0;
  const others = (): NodeJS.Immediate => setImmediate(() => ((turns += 1), (next = others())));
  let next = others();
  expect(await tallyView().apply(eventsOf(1_000), { query } as unknown as ProjectionClient)).toEqual([]);
  clearImmediate(next);
  expect(turns).toBeGreaterThanOrEqual(4);
  expect(written).toHaveLength(1_000);
  expect(written.at(-1)).toEqual({ id: '999', sum: 999, state: { sum: 999, events: 1 } });
});

it('caches the states of streams until they are settled', async () => {
  const read: string[] = [];
  const query = (text: string, values?: unknown[]): Promise<unknown> => {
    if (!text.startsWith('select')) return Promise.resolve({ rows: [] });
    read.push(...(values?.[0] as string[]));
    return Promise.resolve({ rows: [{ id: 'ended', state: { sum: 10, events: 1 } }] });
  };
  const view = tallyView({ ...Tally, settled: ({ sum }) => sum >= 10 });
  const apply = (version: number, ended: number): Promise<unknown> =>
    view.apply(
      [
        { ...added(1), stream: 'tally-going', version, schemaVersion: 1 },
        { ...added(ended), stream: 'tally-ended', version, schemaVersion: 1 },
      ],
      { query } as unknown as ProjectionClient,
    );
  expect(await apply(1, 10)).toEqual([]);
  expect(read).toEqual([]);
  expect(await apply(2, 1)).toEqual([]);
  expect(read).toEqual(['ended']);
});
