import type { IncomingMessage } from 'node:http';
import { requestHeaders, responseHeaders } from './headers.js';

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** The headers that a service gets, without those that the gateway adds. */
function passed(...pairs: [string, string][]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of pairs) headers[name.toLowerCase()] ??= value;
  const socket = { remoteAddress: '10.1.2.3' };
  const request = { rawHeaders: pairs.flat(), headers, socket } as unknown as IncomingMessage;
  return Object.fromEntries(inPairs(requestHeaders(request, TRACE)));
}

const inPairs = (flat: readonly string[]): [string, string][] =>
  flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]!] as [string, string]] : []));

const OURS = {
  traceparent: TRACE,
  'x-forwarded-for': '10.1.2.3',
  'x-forwarded-proto': 'http',
};

it.each([
  ['Accept', 'text/html'],
  ['Content-Type', 'application/json'],
  ['Content-Length', '7'],
  ['Idempotency-Key', 'k'],
  ['If-None-Match', '"x"'],
  ['Tracestate', 'a=b'],
  ['X-Request-Id', '1'],
  ['X-Userland', 'not one of ours'],
  ['X-Seam-Signature', 't=1,v1=5f'],
  ['X-User-Agent-Hint', 'a header that only begins like one of ours'],
  ['X-Client-Version', '4'],
  ['Cookie', 'a=b'],
])('passes %s on', (name, value) => {
  expect(passed([name, value])).toEqual({ [name.toLowerCase()]: value, ...OURS });
});

it.each([
  'Connection',
  'Keep-Alive',
  'Proxy-Connection',
  'Proxy-Authorization',
  'TE',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
  'HTTP2-Settings',
  'Expect',
  'Forwarded',
  'Via',
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-User',
  'X-Forwarded-Prefix',
  'X-User',
  'X-User-Id',
  'x-user-role',
  'X_User_Id',
  'X-Seam-Service',
  'x_seam_caller',
  'X-Internal-Call',
  'X-Real-IP',
  'X-Client-Ip',
  'X-Original-Url',
  'X-Rewrite-Url',
  'X-Authenticated-User',
  'X-Remote-User',
  'Remote-User',
  'True-Client-IP',
  'X-Trace-Id',
  'Traceparent',
])('drops %s from outside', (name) => {
  expect(passed([name, 'forged'])).toEqual(OURS);
});

it('drops the headers that Connection names, but not the length, which defines where the body ends', () => {
  expect(
    passed(['Connection', 'close, X-Secret , content-length'], ['X-Secret', '1'], ['Content-Length', '3']),
  ).toEqual({
    'content-length': '3',
    ...OURS,
  });
});

it('sets the headers about the origin of the client, and passes the token on once: the one that was checked', () => {
  const got = passed(['Host', 'shop.example'], ['Authorization', 'Bearer good'], ['Authorization', 'Bearer other']);
  expect(got).toEqual({ authorization: 'Bearer good', 'x-forwarded-host': 'shop.example', ...OURS });
});

it('keeps headers that come several times', () => {
  const request = {
    rawHeaders: ['Accept', 'a', 'Accept', 'b'],
    headers: { accept: 'a, b' },
    socket: {},
  } as unknown as IncomingMessage;
  expect(requestHeaders(request, TRACE).slice(0, 4)).toEqual(['accept', 'a', 'accept', 'b']);
});

it('removes the headers of one connection from an answer, and adds the trace', () => {
  const got = responseHeaders(
    {
      connection: 'keep-alive, x-hop',
      'keep-alive': 'timeout=65',
      'transfer-encoding': 'chunked',
      'x-hop': '1',
      'x-trace-id': 'theirs',
      'content-type': 'application/json',
      'set-cookie': ['a=1', 'b=2'],
    },
    'ours',
  );
  expect(inPairs(got)).toEqual([
    ['content-type', 'application/json'],
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
    ['x-trace-id', 'ours'],
  ]);
});
