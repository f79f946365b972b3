import { checkPreconditions, entityTag, namedBy } from './conditional.js';

const current = entityTag([1, { name: 'a' }]);
const other = entityTag([2, { name: 'a' }]);

it('gives each state a different tag, the same each time', () => {
  expect(current).toMatch(/^"[\w-]{43}"$/);
  expect(entityTag([1, { name: 'a' }])).toBe(current);
  expect(other).not.toBe(current);
});

it.each([
  [undefined, undefined],
  ['*', '*'],
  [' * ', '*'],
  ['"a"', ['"a"']],
  ['"a", W/"b","c"', ['"a"', 'W/"b"', '"c"']],
  [', "a",, "b" ,', ['"a"', '"b"']],
  ['"a,b"', ['"a,b"']],
])('reads %j', (value, named) => expect(namedBy('If-Match', value)).toEqual(named));

it.each(['', 'a', '"a', 'a"', '"a" "b"', '*, "a"', 'w/"a"', '"a b"', '"a";"b"'])('refuses %j', (value) => {
  expect(() => namedBy('If-Match', value)).toThrow(expect.objectContaining({ code: 'REQUEST.INVALID' }));
});

describe('a change', () => {
  const passes = (ifMatch: string | undefined, ifNoneMatch: string | undefined, there: string | undefined): boolean => {
    try {
      const preconditions = {
        ifMatch: namedBy('If-Match', ifMatch),
        ifNoneMatch: namedBy('If-None-Match', ifNoneMatch),
      };
      checkPreconditions(preconditions, there);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ kind: 'precondition-failed', code: 'REQUEST.PRECONDITION_FAILED' });
      return false;
    }
  };

  it.each([
    ['without conditions', undefined, undefined, current, true],
    ['if it is the current state', current, undefined, current, true],
    ['if it is one of several', `${other}, ${current}`, undefined, current, true],
    ['if it is an older state', other, undefined, current, false],
    ['if it is the current state, weakly', `W/${current}`, undefined, current, false],
    ['if it is some state', '*', undefined, current, true],
    ['if it is some state, of nothing', '*', undefined, undefined, false],
    ['if it is a state, of nothing', current, undefined, undefined, false],
    ['if there is nothing', undefined, '*', undefined, true],
    ['if there is nothing, of something', undefined, '*', current, false],
    ['if it is not a state it is not', undefined, other, current, true],
    ['if it is not the current state', undefined, current, current, false],
    ['if it is not the current state, weakly', undefined, `W/${current}`, current, false],
    ['if it is the current state and another', current, other, current, true],
    ['if it is the current state and is not', current, '*', current, false],
  ])('%s', (_, ifMatch, ifNoneMatch, there, expected) => expect(passes(ifMatch, ifNoneMatch, there)).toBe(expected));
});
