import { newId } from '@seam/kernel';
import type { Committer } from '@seam/messaging';
import { type Aggregate, type DomainEvent, fold } from '../aggregate.js';
import { eventSchemas } from '../event-schemas.js';
import type { EventStore } from '../event-store.js';
import { eventWork } from '../event-work.js';
import { FORGOTTEN, personalFields } from '../personal-data.js';
import { readStream } from '../unreadable-stream.js';

/** Two processes on one empty store. */
export interface PersonalKeysRig {
  readonly one: { readonly store: EventStore; readonly committer: Committer };
  readonly other: { readonly store: EventStore; readonly committer: Committer };
  /** The whole content of the store, as text, after all pending snapshots are stored. */
  stored(): Promise<string>;
  /** Changes the encrypted text of the first event of a stream. */
  damage(stream: string): Promise<void>;
}

type Sent = DomainEvent<'sent', { from: string; to: string; note: string; greeting?: string; pieces: number }>;
type Renamed = DomainEvent<'renamed', { name: string }>;
export type ParcelEvent = Sent | Renamed | DomainEvent<'lost', { why: string }>;
export interface Parcel {
  readonly from: string;
  readonly to: string;
  readonly note: string;
  readonly greeting: string;
  readonly name: string;
  readonly pieces: number;
}

/** A parcel between two persons: the note is the sender's, the greeting the receiver's. */
export const Parcels: Aggregate<Parcel, ParcelEvent> = {
  category: 'parcel',
  initial: { from: '', to: '', note: '', greeting: '', name: '', pieces: 0 },
  evolve: (state, event) => (event.type === 'lost' ? state : { ...state, ...event.data }),
  schemas: eventSchemas<ParcelEvent>({
    renamed: { version: 2, upcasts: { 1: ({ name }: { name: string }) => ({ name }) } },
  }),
  snapshots: { every: 1, version: 1 },
  personal: personalFields<Parcel, ParcelEvent>()({
    sent: { note: ({ from }) => from, greeting: ({ to }) => to },
    // Only the state has the person.
    renamed: { name: (_, { to }) => to },
  }),
};

const at = '2026-11-22T09:30:00.000Z';
const NOTE = 'ring at the neighbour’s';
const GREETING = 'to my dear aunt';

/** The guarantees of the keys of persons, and of events with personal fields, on every engine. `open` is called once. */
export function describePersonalKeys(name: string, open: () => Promise<PersonalKeysRig>): void {
  describe(`personal data in events on ${name}`, () => {
    let rig: PersonalKeysRig;
    beforeAll(async () => {
      rig = await open();
    });

    const append = ({ committer }: PersonalKeysRig['one'], id: string, ...events: ParcelEvent[]): Promise<unknown> =>
      committer.commit(
        eventWork({ parcel: { aggregate: Parcels, id } }, () => ({ events: { parcel: events }, value: undefined })),
      );
    const sent = (from: string, to: string, greeting: string | null = GREETING): Sent => ({
      type: 'sent',
      at,
      data: { from, to, note: NOTE, pieces: 2, ...(greeting === null ? {} : { greeting }) },
    });
    const renamed = (to: string): Renamed => ({ type: 'renamed', at, data: { name: to } });
    const state = async ({ store }: PersonalKeysRig['one'], id: string): Promise<Parcel> =>
      fold(Parcels, (await store.read(`parcel-${id}`)) as ParcelEvent[]);

    it('is read as it was, by every reader and process, and stored in no readable form', async () => {
      const [from, to, id] = [newId(), newId(), newId()];
      await append(rig.one, id, sent(from, to), renamed('Aunt Polly of St. Petersburg'));
      const data = [sent(from, to).data, { name: 'Aunt Polly of St. Petersburg' }];
      const stream = `parcel-${id}`;
      for (const { store } of [rig.one, rig.other]) {
        expect((await store.read(stream)).map((event) => event.data)).toEqual(data);
        expect((await store.readMany([stream])).get(stream)?.map((event) => event.data)).toEqual(data);
        const all = await store.readAll('parcel', undefined, 1_000);
        expect(all.filter((event) => event.stream === stream).map((event) => event.data)).toEqual(data);
      }
      const stored = await rig.stored();
      expect(stored).toContain(stream);
      for (const text of [NOTE, GREETING, 'Aunt Polly']) expect(stored).not.toContain(text);
    });

    it('of one forgotten person is gone at once, and that of the other person in the same event is not', async () => {
      const [from, to, id] = [newId(), newId(), newId()];
      await append(rig.one, id, sent(from, to), renamed('Polly'));
      await rig.other.store.personalKeys.forget(from);
      for (const one of [rig.one, rig.other])
        expect(await state(one, id)).toEqual({
          from,
          to,
          note: FORGOTTEN,
          greeting: GREETING,
          name: 'Polly',
          pieces: 2,
        });
      await rig.one.store.personalKeys.forget(to);
      for (const one of [rig.one, rig.other])
        expect(await state(one, id)).toMatchObject({
          note: FORGOTTEN,
          greeting: FORGOTTEN,
          name: FORGOTTEN,
          pieces: 2,
        });
      const all = await rig.one.store.readAll('parcel', undefined, 1_000);
      expect(all.filter(({ stream }) => stream === `parcel-${id}`)).toMatchObject([
        { data: { note: FORGOTTEN, greeting: FORGOTTEN } },
        { data: { name: FORGOTTEN } },
      ]);
    });

    it('of a forgotten person is not stored any more, and the person gets no key again', async () => {
      const [from, to, id] = [newId(), newId(), newId()];
      const keys = rig.one.store.personalKeys;
      await keys.forget(from);
      await keys.forget(from);
      await append(rig.other, id, sent(from, to));
      expect(await state(rig.one, id)).toMatchObject({ note: FORGOTTEN, greeting: GREETING });
      expect((await keys.made([from])).get(from)).toBe('forgotten');
      await append(rig.one, id, renamed('Polly'));
      expect(await state(rig.other, id)).toMatchObject({ note: FORGOTTEN, name: 'Polly' });
    });

    it('can be decided on after its person was forgotten', async () => {
      const [from, to, id] = [newId(), newId(), newId()];
      await append(rig.one, id, sent(from, to));
      await rig.one.store.personalKeys.forget(from);
      const note = rig.other.committer.commit(
        eventWork({ parcel: { aggregate: Parcels, id } }, ({ parcel }) => ({
          events: { parcel: [{ type: 'lost' as const, at, data: { why: 'unknown' } }] },
          value: parcel.note,
        })),
      );
      expect(await note).toBe(FORGOTTEN);
    });

    it('has one key per person, also if processes create and forget it at once', async () => {
      const persons = Array.from({ length: 5 }, newId);
      const ids = Array.from({ length: 10 }, newId);
      const [nobody = ''] = persons;
      await Promise.all(
        ids.map((id, index) => append(index % 2 === 0 ? rig.one : rig.other, id, sent(persons[index % 5]!, nobody))),
      );
      for (const id of ids) expect(await state(rig.one, id)).toMatchObject({ note: NOTE, greeting: GREETING });

      const [racing, theirs] = [newId(), newId()];
      await Promise.all([
        append(rig.one, theirs, sent(racing, nobody)),
        rig.other.store.personalKeys.forget(racing),
        rig.one.store.personalKeys.forget(racing),
        rig.other.store.personalKeys.made([racing]),
      ]);
      expect(await state(rig.one, theirs)).toMatchObject({ note: FORGOTTEN, greeting: GREETING });
    });

    it('that is not there needs no key, and events without any are stored as they are', async () => {
      const [from, to, id] = [newId(), newId(), newId()];
      await append(rig.one, id, sent(from, to, null), { type: 'lost', at, data: { why: 'fell off the cart' } });
      expect([...(await rig.one.store.personalKeys.existing([from, to])).keys()]).toEqual([from]);
      expect(await rig.stored()).toContain('fell off the cart');
      expect(await state(rig.one, id)).toMatchObject({ note: NOTE, greeting: '' });
    });

    it('that was damaged, or moved to another event, makes its stream unreadable, and no other', async () => {
      const [from, bad, good] = [newId(), newId(), newId()];
      for (const id of [bad, good]) await append(rig.one, id, sent(from, newId()));
      await rig.damage(`parcel-${bad}`);
      const read = await rig.one.store.readMany([`parcel-${bad}`, `parcel-${good}`]);
      const readOf = (id: string): unknown => readStream(Parcels, `parcel-${id}`, read.get(`parcel-${id}`) ?? []);
      expect(readOf(bad)).toMatchObject({ unreadable: { version: 1 } });
      expect(readOf(good)).toMatchObject({ state: { note: NOTE } });
    });
  });
}
