import { message } from '../testing/receiving-rig.js';
import { Bundler, type Written } from './bundler.js';

const turn = (): Promise<unknown> => new Promise((next) => setImmediate(next));
const types = (bundle: readonly Written[]): string => bundle.map(({ message: { type } }) => type).join('');

let bundles: string[];
let bundler: Bundler;
const add = (names: string, json = '{}'): Promise<void>[] =>
  names.split('').map((type) => bundler.add({ message: message(type), json }));

beforeEach(() => {
  bundles = [];
  bundler = new Bundler((bundle) => {
    bundles.push(types(bundle));
    return types(bundle).includes('x') ? Promise.reject(new Error('not taken')) : Promise.resolve();
  });
});

it('sends the messages of one turn together, and later ones separately', async () => {
  await Promise.all(add('abc'));
  await Promise.all(add('d'));
  expect(bundles).toEqual(['abc', 'd']);
});

it('fills one bundle after the other', async () => {
  await Promise.all(add('a'.repeat(70)));
  expect(bundles.map(({ length }) => length)).toEqual([32, 32, 6]);
});

it('does not exceed the limit of bytes; a longer message is sent alone', async () => {
  await Promise.all([...add('aaa', 'x'.repeat(100_000)), ...add('b', 'é'.repeat(200_000)), ...add('cc')]);
  expect(bundles).toEqual(['aa', 'a', 'b', 'cc']);
});

it('settles each message with the result of its own bundle', async () => {
  const settled = await Promise.allSettled([...add('a'.repeat(31)), ...add('bcx')]);
  expect(bundles).toEqual([`${'a'.repeat(31)}b`, 'cx']);
  expect(settled.map(({ status }) => status)).toEqual([
    ...Array<string>(32).fill('fulfilled'),
    ...Array<string>(2).fill('rejected'),
  ]);
});

it('does not wait for further messages', async () => {
  const [sent] = add('a');
  await turn();
  await sent;
  expect(bundles).toEqual(['a']);
});
