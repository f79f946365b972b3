import { isIdempotent } from './call.js';

it.each([
  ['GET', {}, false, true],
  ['HEAD', {}, false, true],
  ['GET', { 'if-match': '"1"' }, false, true],
  ['PUT', {}, false, true],
  ['DELETE', {}, false, true],
  ['PUT', { 'if-match': '"1"' }, false, false],
  ['PUT', { 'if-none-match': '*' }, false, false],
  ['DELETE', { 'if-unmodified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' }, false, false],
  ['POST', {}, true, false],
  ['POST', { 'idempotency-key': 'k' }, false, false],
  ['POST', { 'idempotency-key': 'k' }, true, true],
  ['PATCH', {}, true, false],
])('%s with %j, on a route with keys: %s: is idempotent: %s', (method, headers, keyed, same) => {
  expect(isIdempotent(method, headers, keyed)).toBe(same);
});
