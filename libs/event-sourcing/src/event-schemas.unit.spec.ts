import type { DomainEvent, StoredEvent } from './event.js';
import { currentForm, type EventSchema, eventSchemas, type EventSchemas } from './event-schemas.js';

type Moved = DomainEvent<'moved', { to: { street: string; city: string }; by: string }>;
const AT = '2026-11-22T09:30:00.000Z';
const stored = (schemaVersion: number, data: unknown, type = 'moved'): StoredEvent => ({
  type,
  at: AT,
  data,
  schemaVersion,
});

/** Version 1 has a text, version 2 an address, version 3 the person who did it. */
const split = ({ to }: { to: string }): object => {
  const [street, city] = to.split(', ');
  return { to: { street, city } };
};
const chain: EventSchema<Moved['data']> = {
  version: 3,
  upcasts: { 1: split, 2: (data: object) => ({ ...data, by: 'unknown' }) },
};
const schemasWith = (changes: Partial<EventSchema<Moved['data']>> = {}): EventSchemas =>
  eventSchemas<Moved>({ moved: { ...chain, ...changes } });

describe('a stored event', () => {
  const current = { to: { street: 'Main', city: 'York' }, by: 'unknown' };

  it.each([
    [1, { to: 'Main, York' }],
    [2, { to: { street: 'Main', city: 'York' } }],
    [3, current],
  ])('of schema version %s is read in the form that the code works with', (version, data) => {
    const read = currentForm({ schemas: schemasWith() }, stored(version, data));
    expect(read).toEqual(stored(3, current));
    expect(currentForm({ schemas: schemasWith() }, read)).toBe(read);
  });

  it('of an earlier name of its type is read as the type of today', () => {
    const schemas = schemasWith({ earlierNames: ['relocated'] });
    expect(schemas.read(stored(1, { to: 'Main, York' }, 'relocated'))).toEqual(stored(3, current));
    expect(schemas.read(stored(3, current, 'relocated'))).toEqual(stored(3, current));
  });

  it.each([
    ['a version that this process does not know yet', 'moved', 4],
    ['version 2 of a type that has one version', 'left', 2],
    ['a version that is none', 'moved', 0],
    ['a version that is no number', 'moved', 'two' as unknown as number],
  ])('of %s cannot be read', (_, type, version) => {
    const words = /schema version is (4|2|0|two), and this process knows up to (1|3)/;
    expect(() => currentForm({ schemas: schemasWith() }, stored(version, {}, type))).toThrow(words);
    if (type === 'left') expect(() => currentForm({}, stored(version, {}, type))).toThrow(words);
  });

  it('is converted by one call, however many events are read', () => {
    const seen: unknown[] = [];
    const counting = schemasWith({ upcasts: { 1: split, 2: (data: object) => (seen.push(data), data) } });
    for (const version of [1, 2, 3]) counting.read(stored(version, { to: 'Main, York' }));
    expect(seen).toHaveLength(2);
  });
});

describe('an event that was decided', () => {
  const data = { to: { street: 'Main', city: 'York' }, by: 'Ann' };
  const decided: Moved = { type: 'moved', at: AT, data };

  it('is not upcast, and is stored with the version of its schema', () => {
    const schemas = schemasWith();
    expect(currentForm({ schemas }, decided)).toBe(decided);
    expect(schemas.store(decided)).toEqual(stored(3, data));
    expect(schemas.store({ ...decided, type: 'left' })).toEqual({ ...decided, type: 'left' });
  });

  it('is stored as an earlier version while processes run that know no later one', () => {
    const downcast = ({ to }: Moved['data']): object => ({ to });
    const schemas = schemasWith({ storedAs: { version: 2, downcast } });
    expect(schemas.store(decided)).toEqual(stored(2, { to: data.to }));
    expect(schemas.read(schemas.store(decided) as StoredEvent)).toEqual(stored(3, { to: data.to, by: 'unknown' }));
  });
});

describe('a definition is refused', () => {
  const none = (data: object): object => data;
  it.each<[string, Partial<EventSchema<Moved['data']>>, string]>([
    ['with a gap', { upcasts: { 1: split } }, 'moved has schema version 3, but no upcast from version 2; add it'],
    ['without its first upcast', { upcasts: { 2: none } }, 'no upcast from version 1'],
    ['with an upcast from its own version', { version: 2 }, 'an upcast from version 2, but its schema version is 2'],
    ['with an upcast from version 0', { version: 1, upcasts: { 0: none } }, 'an upcast from version 0'],
    ['of version 0', { version: 0, upcasts: {} }, 'the schema version of moved is 0; it must be 1, 2, 3'],
    ['that stores its own version', { storedAs: { version: 3, downcast: none } }, 'no version before 3'],
    ['with its own name as an earlier one', { earlierNames: ['moved'] }, 'two event schemas are of the type moved'],
  ])('%s', (_, changes, words) => {
    expect(() => schemasWith(changes)).toThrow(words);
  });
});
