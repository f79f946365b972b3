import { type Aggregate, AggregateReader, type DomainEvent, SnapshotWriter } from '@seam/event-sourcing';
import { eventMigrations, PostgresEventStore } from '@seam/event-sourcing/postgres';
import { Database } from '@seam/persistence/postgres';
import { compare, load } from './measure.js';
import { BenchShop } from './shop.js';

type Paid = DomainEvent<'paid', { amount: number; reference: string }>;

interface Account {
  readonly balance: number;
  readonly payments: number;
  /** The last ten events. */
  readonly latest: readonly string[];
}

const Whole: Aggregate<Account, Paid> = {
  category: 'account',
  initial: { balance: 0, payments: 0, latest: [] },
  evolve: ({ balance, payments, latest }, { data }) => ({
    balance: balance + data.amount,
    payments: payments + 1,
    latest: [...latest.slice(-9), data.reference],
  }),
};
const EVERY = 10;
const WithSnapshots: typeof Whole = { ...Whole, snapshots: { every: EVERY, version: 1 } };
const IN_FLIGHT = 1;

/**
 * Loads of an aggregate of 1,000 events with a snapshot, compared with one of 10 events, and with itself without a
 * snapshot.
 */
export async function benchSnapshots(count: number, rounds: number): Promise<void> {
  const shop = await BenchShop.start();
  const url = await shop.databaseUrl('bench');
  const database = await Database.open({ name: 'bench', url, migrations: [...eventMigrations], poolSize: IN_FLIGHT });
  const store = new PostgresEventStore(database.pool);
  const snapshots = new SnapshotWriter(store);
  const reader = new AggregateReader(store, { unreadable: () => undefined }, snapshots);
  await fill(store, 'short', 0, 10);
  await fill(store, 'long', 0, 1_000);
  await reader.load(WithSnapshots, 'long');
  await snapshots.idle();
  await fill(store, 'long', 1_000, EVERY - 1);
  const loads = (aggregate: typeof Whole, id: string, of = count): ReturnType<typeof load> =>
    load(of, IN_FLIGHT, () => reader.load(aggregate, id));
  await compare({
    title: `An aggregate of 1,000 events with a snapshot, and ${EVERY - 1} events after it, ${IN_FLIGHT} in flight`,
    mark: 0.77,
    rounds,
    ours: { name: 'with a snapshot', run: () => loads(WithSnapshots, 'long') },
    floor: { name: 'an aggregate of 10 events', run: () => loads(WithSnapshots, 'short') },
  });
  await compare({
    title: 'The same',
    mark: 5,
    rounds,
    ours: { name: 'with a snapshot', run: () => loads(WithSnapshots, 'long') },
    floor: { name: 'from its first event', run: () => loads(Whole, 'long', Math.ceil(count / 20)) },
  });
  await database.close();
  await shop.stop();
}

async function fill(store: PostgresEventStore, id: string, expectedVersion: number, events: number): Promise<void> {
  const at = new Date().toISOString();
  const paid = Array.from({ length: events }, (_, n): Paid => ({
    type: 'paid',
    at,
    data: { amount: 1, reference: `payment ${n} of a customer` },
  }));
  await store.append([{ stream: `account-${id}`, expectedVersion, events: paid }]);
}
