import { requireAdapters } from './require-adapters.js';

abstract class Doors {
  abstract open(): void;
}
abstract class Keys {
  abstract turn(): void;
}
class Lifts {
  up(): void {}
}

it('takes adapters by what they provide', () => {
  const adapters = [{ provide: Doors, useValue: {} }, { provide: 'other', useValue: {} }, Lifts];
  expect(() => requireAdapters('rooms', adapters, [Doors, Lifts])).not.toThrow();
});

it('names all that are missing, and says what to add', () => {
  expect(() => requireAdapters('the store of rooms', [{ provide: Doors, useValue: {} }], [Doors, Keys, Lifts])).toThrow(
    'The adapters of the store of rooms lack Keys, Lifts.\n' +
      'Add { provide: Keys, useClass: … } to them.\nAdd { provide: Lifts, useClass: … } to them.',
  );
});
