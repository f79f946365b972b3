import type { RunningProcess } from '@seam/host';
import { type FakeService, fakeService, everythingAt, startGateway } from '../testing/gateway-rig.js';
import { raw } from '../testing/raw-request.js';

let service: FakeService;
let gateway: RunningProcess;

beforeAll(async () => {
  service = await fakeService();
  gateway = await startGateway(everythingAt(service.url));
});

afterAll(async () => {
  await gateway.close();
  await service.stop();
});

beforeEach(() => {
  service.calls = 0;
});

const POST = 'POST /api/orders HTTP/1.1\r\nHost: h\r\n';
const SMUGGLED = 'GET /api/orders/smuggled HTTP/1.1\r\nHost: h\r\n\r\n';

it.each([
  ['a length and chunks', `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['chunks and a length', `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['two lengths', `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello${SMUGGLED}`],
  ['two equal lengths', `${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello${SMUGGLED}`],
  ['a list of lengths', `${POST}Content-Length: 5, 5\r\n\r\nhello`],
  ['a negative length', `${POST}Content-Length: -1\r\n\r\n`],
  ['a length with a sign', `${POST}Content-Length: +5\r\n\r\nhello`],
  ['a hexadecimal length', `${POST}Content-Length: 0x5\r\n\r\nhello`],
  ['a length too large for a number', `${POST}Content-Length: 99999999999999999999\r\n\r\n`],
  ['a folded header', `${POST}Content-Length: 5\r\nX: a\r\n Transfer-Encoding: chunked\r\n\r\nhello`],
  ['a space before the colon', `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['an unknown encoding', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['chunked, but not last', `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['chunked twice', `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['an additional encoding', `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['a bare line feed', 'POST /api/orders HTTP/1.1\nHost: h\nContent-Length: 0\n\n'],
  ['a carriage return in a value', `${POST}X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a NUL in a value', `${POST}X: a\0b\r\n\r\n`],
  ['an invalid chunk size', `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`],
  ['a chunk that is longer than its size', `${POST}Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n`],
  ['no HTTP', 'hello\r\n\r\n'],
  ['endless headers', `${POST}X: ${'a'.repeat(40_000)}\r\n\r\n`],
])('refuses %s, and passes nothing of it on', async (_, bytes) => {
  const answer = await raw(gateway.url, bytes);
  expect(answer).toMatch(/^HTTP\/1\.1 4(00|13|31) /);
  expect(answer).toContain('application/problem+json');
  expect(answer).toContain('"code":"REQUEST.');
  expect(answer).not.toContain('smuggled');
  expect(answer.match(/^HTTP\/1\.1/gm)).toHaveLength(1);
});

it('does not upgrade and does not tunnel', async () => {
  const upgrade = 'GET /api/orders HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n';
  const answer = await raw(gateway.url, upgrade);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).not.toMatch(/websocket/);
  service.calls = 0;
  expect(await raw(gateway.url, 'CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n')).not.toMatch(/ 200 /);
  expect(service.calls).toBe(0);
});

it('passes on pipelined requests one by one, and answers in their order', async () => {
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`;
  const answer = await raw(gateway.url, get('/api/orders/first') + get('/api/payments/second'));
  expect(answer.match(/"url":"[^"]+"/g)).toEqual(['"url":"/api/orders/first"', '"url":"/api/payments/second"']);
});

it('routes a request in absolute form only by its path', async () => {
  const answer = await raw(
    gateway.url,
    'GET http://elsewhere/api/orders/1?a=b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
  );
  expect(answer).toContain('"url":"/api/orders/1?a=b"');
  expect(answer).not.toContain('elsewhere');
});

it.each(['/api/products/../orders', '/api/products/%2e%2e/orders', '/api/products//x', '/api/products/..%2forders'])(
  'passes %s to no service',
  async (path) => {
    const answer = await raw(gateway.url, `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('GATEWAY.AMBIGUOUS_PATH');
    expect(service.calls).toBe(0);
  },
);

it('removes identity headers of the caller, even if Connection names the gateway’s own headers', async () => {
  const forged = 'X-User-Id: admin\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: close, x-forwarded-for, traceparent\r\n';
  const answer = await raw(gateway.url, `GET /api/orders HTTP/1.1\r\nHost: shop\r\n${forged}\r\n`);
  const { headers } = JSON.parse(answer.slice(answer.indexOf('{'))) as { headers: Record<string, string> };
  expect(headers).not.toHaveProperty('x-user-id');
  expect(headers['x-forwarded-for']).toMatch(/127\.0\.0\.1$/);
  expect(headers['x-forwarded-host']).toBe('shop');
  expect(headers['traceparent']).toMatch(/^00-/);
});
