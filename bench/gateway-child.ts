import httpProxy from '@fastify/http-proxy';
import { shop } from '@seam/contracts';
import { startProcess } from '@seam/host';
import { readSettings } from '@seam/process';
import fastify from 'fastify';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gatewayService } from '../apps/gateway/src/gateway.definition.js';

/** Settings of a server of the comparison, from its environment, and what it sends to its parent once it listens. */
const { BENCH_ROLE: role, BENCH_UPSTREAM: upstream = '', BENCH_JWKS: jwks = '' } = process.env;

const ANSWER = JSON.stringify({
  id: '0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50',
  status: 'confirmed',
  items: [{ sku: 'MUG-BLUE', quantity: 2, unitPrice: { amount: 1299, currency: 'EUR' } }],
  total: { amount: 2598, currency: 'EUR' },
  placedAt: '2026-11-22T09:17:17.930Z',
});

/** A service that costs almost nothing, so that the proxy in front of it is measured. */
function serve(): Promise<string> {
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    request.resume();
    const body = request.url === '/.well-known/jwks.json' ? jwks : ANSWER;
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

async function proxyByFastify(): Promise<string> {
  const app = fastify();
  await app.register(httpProxy, { upstream, prefix: '/api/orders', rewritePrefix: '/api/orders' });
  return app.listen({ port: 0, host: '127.0.0.1' });
}

async function proxyBySeam(): Promise<string> {
  await import('../libs/runtime/src/index.js'); // As in every program of Seam, and only in this role: it sets V8's flags.
  const peers = { users: [upstream], orders: [upstream] };
  const { url } = await startProcess(
    { ...shop, services: [gatewayService] },
    { ...readSettings({ PORT: '0', SEAM_LOG: 'error' }), peers },
  );
  return url.replace('localhost', '127.0.0.1');
}

const roles: Readonly<Record<string, () => Promise<string>>> = {
  service: serve,
  fastify: proxyByFastify,
  seam: proxyBySeam,
};

const start = roles[role ?? ''];
if (start === undefined) throw new Error(`no such role: ${role ?? ''}`);
process.send?.({ url: await start() });
// Requested between rounds: the processor time used so far, which is more reliable than speed on a busy machine.
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system });
});
process.on('disconnect', () => process.exit(0));
