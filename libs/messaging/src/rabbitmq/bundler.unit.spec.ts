import { message } from '../testing/receiving-rig.js';
import { Bundler } from './bundler.js';

const turn = (): Promise<unknown> => new Promise((next) => setImmediate(next));
const types = (messages: readonly { type: string }[]): string => messages.map(({ type }) => type).join('');

let bundles: string[];
let bundler: Bundler;
const add = (names: string): Promise<void>[] => names.split('').map((type) => bundler.add(message(type)));

beforeEach(() => {
  bundles = [];
  bundler = new Bundler((messages) => {
    bundles.push(types(messages));
    return types(messages).includes('x') ? Promise.reject(new Error('not taken')) : Promise.resolve();
  });
});

it('sends what comes in one turn together, and what comes later by itself', async () => {
  await Promise.all(add('abc'));
  await Promise.all(add('d'));
  expect(bundles).toEqual(['abc', 'd']);
});

it('fills one bundle after the other', async () => {
  await Promise.all(add('a'.repeat(70)));
  expect(bundles.map(({ length }) => length)).toEqual([32, 32, 6]);
});

it('tells each message what became of its bundle, and of no other', async () => {
  const settled = await Promise.allSettled([...add('a'.repeat(31)), ...add('bcx')]);
  expect(bundles).toEqual([`${'a'.repeat(31)}b`, 'cx']);
  expect(settled.map(({ status }) => status)).toEqual([
    ...Array<string>(32).fill('fulfilled'),
    ...Array<string>(2).fill('rejected'),
  ]);
});

it('waits for nobody', async () => {
  const [sent] = add('a');
  await turn();
  await sent;
  expect(bundles).toEqual(['a']);
});
