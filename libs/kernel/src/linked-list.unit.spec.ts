import * as fc from 'fast-check';
import { type ListEntry, LinkedList } from './linked-list.js';

it('holds what was added and not removed, in its order', () => {
  const step = fc.record({ add: fc.boolean(), at: fc.nat() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const list = new LinkedList<number>();
      const entries: ListEntry<number>[] = [];
      const model = new Set<number>();
      steps.forEach(({ add, at }, value) => {
        if (add || entries.length === 0) {
          entries.push(list.add(value));
          model.add(value);
        } else {
          const entry = entries[at % entries.length]!; // It may have been removed before.
          list.remove(entry);
          model.delete(entry.value);
        }
        expect(list.values()).toEqual([...model]);
        expect(list.size).toBe(model.size);
        expect(list.oldest).toBe([...model][0]);
      });
    }),
  );
});

it('does not change the entries of another list', () => {
  const [one, other] = [new LinkedList<string>(), new LinkedList<string>()];
  const entry = one.add('a');
  other.add('b');
  other.remove(entry);
  expect([one.values(), other.values()]).toEqual([['a'], ['b']]);
});

it('clears the references of a removed entry, so that it keeps no other entry in memory', () => {
  const list = new LinkedList<object>();
  const [first, second] = [list.add({}), list.add({})];
  list.add({});
  list.remove(second);
  list.remove(first);
  for (const entry of [first, second]) {
    const { value, ...links } = entry as ListEntry<object> & Record<string, unknown>;
    expect(value).toEqual({});
    expect(Object.values(links)).toEqual([undefined, undefined, undefined]);
  }
});
