import type { RunningProcess } from '@seam/host';
import { eventually } from '@seam/testing';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { everythingAt, type FakeService, fakeService, metricOf, startGateway } from '../testing/gateway-rig.js';
import { raw } from '../testing/raw-request.js';

let service: FakeService;
let gateway: RunningProcess;

/** New ones for each test, so that failures of one test do not count against the service of the next. */
beforeEach(async () => {
  service = await fakeService();
  gateway = await startGateway(everythingAt(service.url));
});

/** Only for tests about idle connections: on a busy machine, other tests could exceed this limit. */
async function giveUpSoon(): Promise<void> {
  await gateway.close();
  gateway = await startGateway(everythingAt(service.url), { idleMs: 1_500 });
}

afterEach(async () => {
  await gateway.close();
  await service.stop();
});

const MEGABYTE = Buffer.alloc(1024 * 1024, 7);

function send(options: { method?: string; path?: string; headers?: Record<string, string> } = {}): ClientRequest {
  const { port } = new URL(gateway.url);
  return httpRequest({ host: '127.0.0.1', port, path: '/api/orders', agent: false, ...options });
}

const answered = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => request.once('response', resolve).once('error', reject));

async function read(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const metric = (name: string): Promise<number> => metricOf(gateway, name);

it('passes on any bytes unchanged, in both directions, with and without a length', async () => {
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 31) % 256));
  for (const size of [1, 256, 16_384, 16_385, 70_000]) {
    for (const chunked of [true, false]) {
      service.answer = (request, response) => {
        if (!chunked) response.setHeader('content-length', size);
        request.pipe(response);
      };
      const sending = send({ method: 'POST', headers: chunked ? {} : { 'content-length': String(size) } });
      sending.end(bytes.subarray(0, size));
      expect((await read(await answered(sending))).equals(bytes.subarray(0, size))).toBe(true);
    }
  }
});

it('streams an answer of 200 MB to a slow client without buffering it', async () => {
  let given = 0;
  service.answer = (_, response) => {
    Readable.from(
      (function* () {
        for (; given < 200; given += 1) yield MEGABYTE;
      })(),
    ).pipe(response);
  };
  const sending = send();
  sending.end();
  const response = await answered(sending);
  let bytes = 0;
  let between = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    between = Math.max(between, given * MEGABYTE.length - bytes);
    await new Promise((turn) => setImmediate(turn));
  }
  expect(bytes).toBe(200 * MEGABYTE.length);
  // Counts only the bytes in socket buffers and in transit, not memory that is not yet garbage-collected.
  expect(between).toBeLessThan(50 * MEGABYTE.length);
}, 180_000);

it('stops reading an answer that its client does not read, and finally closes the client’s connection', async () => {
  await giveUpSoon();
  let written = 0;
  service.answer = (_, response) => {
    const push = (): void => {
      while (response.write(MEGABYTE) && written < 500) written += 1;
      written += 1;
      if (written < 500) response.once('drain', push);
    };
    push();
  };
  const sending = send();
  sending.end();
  const response = await answered(sending);
  response.pause();
  await eventually(async () => expect(await metric('seam_target_in_flight{target="orders"}')).toBe(0), {
    withinMs: 40_000,
  });
  expect(written).toBeLessThan(100);
  response.destroy();
});

it('closes the client’s connection if the service dies during an answer', async () => {
  service.answer = (_, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('half of it');
    setTimeout(() => response.destroy(), 20);
  };
  const sending = send();
  sending.end();
  const response = await answered(sending);
  await expect(read(response)).rejects.toThrow('aborted');
  expect(response.complete).toBe(false);
});

it('closes the client’s connection if the service stops sending during an answer', async () => {
  await giveUpSoon();
  service.answer = (_, response) => void response.writeHead(200).write('some of it');
  const sending = send();
  sending.end();
  await expect(read(await answered(sending))).rejects.toThrow('aborted');
});

it('ends the call of a client that disconnects, before and during the answer', async () => {
  for (const answering of [false, true]) {
    let ended = 0;
    service.answer = (_, response) => {
      response.once('close', () => (ended += 1));
      if (answering) response.writeHead(200).write('x');
    };
    const calls = service.calls;
    const sending = send();
    sending.on('error', () => undefined);
    sending.end();
    if (answering) await answered(sending);
    else await eventually(() => expect(service.calls).toBe(calls + 1));
    sending.destroy();
    await eventually(() => expect(ended).toBe(1));
    await eventually(async () => expect(await metric('seam_target_in_flight{target="orders"}')).toBe(0));
  }
});

it.each([
  ['once without a key', '/api/orders', {}, 1],
  ['once if the key has no effect there', '/api/users', { 'idempotency-key': 'k' }, 1],
  ['at most three times with a key', '/api/orders', { 'idempotency-key': 'k' }, 3],
])(
  'reports that the service closed the connection without an answer; a POST is sent %s',
  async (_, path, headers, times) => {
    service.answer = (request) => request.socket.destroy();
    service.calls = 0;
    const response = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body: '{}' });
    expect([response.status, ((await response.json()) as any).code]).toEqual([502, 'GATEWAY.NO_ANSWER']);
    expect(service.calls).toBe(times);
  },
);

it('repeats a body unchanged, in one chunk or many, and streams one that is too long to be kept', async () => {
  for (const [size, whole] of [
    [1, true],
    [64 * 1024, true],
    [64 * 1024 + 1, false],
    [300_000, false],
  ] as const) {
    for (const length of [true, false]) {
      const body = Buffer.alloc(size, 'abcdefg');
      let breaks = whole ? 1 : 0;
      service.answer = (request, response) => {
        request.once('end', () => (breaks-- > 0 ? request.socket.destroy() : undefined));
        if (breaks > 0) request.resume();
        else request.pipe(response);
      };
      service.calls = 0;
      const headers = { 'idempotency-key': 'k', ...(length ? { 'content-length': String(size) } : {}) };
      const sending = send({ method: 'POST', headers });
      const answer = answered(sending);
      sending.write(body.subarray(0, size / 2));
      await new Promise((turn) => setTimeout(turn, 5));
      sending.end(body.subarray(size / 2));
      expect((await read(await answer)).equals(body)).toBe(true);
      expect(service.calls).toBe(whole ? 2 : 1);
    }
  }
});

it('retries a GET whose connection was closed', async () => {
  let breaks = 1;
  service.answer = (request, response) => (breaks-- > 0 ? request.socket.destroy() : response.end('second'));
  service.calls = 0;
  expect(await (await fetch(`${gateway.url}/api/orders`)).text()).toBe('second');
  expect(service.calls).toBe(2);
});

it('passes on an early answer, even if the body is not completely sent', async () => {
  service.answer = (_, response) => response.writeHead(401, { 'content-type': 'text/plain' }).end('no');
  const response = await fetch(`${gateway.url}/api/payments`, { method: 'POST', body: MEGABYTE });
  expect([response.status, await response.text()]).toEqual([401, 'no']);
});

it('refuses more than a megabyte: at once by its length, or by counting if there is none', async () => {
  service.answer = (request, response) => {
    request
      .on('error', () => undefined)
      .resume()
      .on('end', () => response.end());
  };
  service.calls = 0;
  const answer = await raw(gateway.url, 'POST /api/orders HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain('REQUEST.BODY_TOO_LARGE');
  expect(service.calls).toBe(0);
  const body = Readable.from([MEGABYTE, Buffer.alloc(1)]);
  const counted = await fetch(`${gateway.url}/api/orders`, { method: 'POST', body, duplex: 'half' });
  expect([counted.status, ((await counted.json()) as any).code]).toEqual([413, 'REQUEST.BODY_TOO_LARGE']);
  const just = await fetch(`${gateway.url}/api/orders`, { method: 'POST', body: MEGABYTE });
  expect(just.status).toBe(200);
});

it('answers a HEAD and answers without a body', async () => {
  service.answer = (request, response) => {
    if (request.method === 'HEAD') response.writeHead(200, { 'content-length': '5' }).end();
    else response.writeHead(204).end();
  };
  const head = await fetch(`${gateway.url}/api/orders`, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '5']);
  expect((await fetch(`${gateway.url}/api/orders`, { method: 'DELETE' })).status).toBe(204);
});
