import type { DynamicModule } from '@nestjs/common';
import { shop } from '@seam/contracts';
import { type RunningProcess, startProcess } from '@seam/host';
import { readSettings } from '@seam/process';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testIdentity, type TestIdentity } from '@seam/security/testing';
import { gatewayService } from '../gateway.definition.js';
import { GatewayModule } from '../gateway.module.js';
import { defaultLimits, type GatewayLimits } from '../limits.js';
import { SERVICES } from '../routes.js';

/** Base URLs by service. */
export type Peers = Readonly<Record<string, readonly string[]>>;

/** A gateway in this process, in front of the test's own servers. */
export function startGateway(
  peers: Peers | undefined,
  limits: Partial<GatewayLimits> = {},
  environment: Readonly<Record<string, string>> = {},
  sagaServices?: readonly string[],
): Promise<RunningProcess> {
  const module = { on: (): DynamicModule => GatewayModule.within({ ...defaultLimits, ...limits }, sagaServices) };
  const settings = { ...readSettings({ PORT: '0', SEAM_LOG: 'error', ...environment }), peers };
  return startProcess({ ...shop, services: [{ ...gatewayService, module }] }, settings);
}

/** A server that simulates a service. */
export interface FakeService {
  readonly url: string;
  readonly server: Server;
  /** Number of calls, except health checks. */
  calls: number;
  /** Answers calls; by default with the request itself, as JSON. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** The status of its health checks; if undefined, it does not answer them. */
  health: number | undefined;
  stop(): Promise<void>;
  /** Starts again on the same port. */
  start(): Promise<void>;
}

export async function fakeService(answer: RequestListener = echo): Promise<FakeService> {
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    if (request.url?.startsWith('/health/') === true) {
      if (fake.health !== undefined) response.writeHead(fake.health).end();
      return;
    }
    fake.calls += 1;
    fake.answer(request, response);
  });
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const fake: FakeService = {
    url: `http://127.0.0.1:${port}`,
    server,
    calls: 0,
    answer,
    health: 200,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    start: () => listen(server, port),
  };
  return fake;
}

/** As many connections may wait as at a service: the gateway opens many at once. */
const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve) => void server.listen({ port, host: '127.0.0.1', backlog: 4_096 }, resolve));

/** Answers with everything that has arrived. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('error', () => undefined);
  request.on('end', () => {
    const { method, url, headers, rawHeaders } = request;
    const body = JSON.stringify({ method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString('latin1') });
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  });
}

/** A users service with keys of its own, and the identity that signs tokens with them. */
export async function fakeUsers(): Promise<{ users: FakeService; identity: TestIdentity }> {
  const identity = await testIdentity();
  const users = await fakeService((request, response) => {
    if (request.url !== '/.well-known/jwks.json') return echo(request, response);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(identity.jwks));
  });
  return { users, identity };
}

/** All services at one URL, except for the given ones. */
export const everythingAt = (url: string, others: Peers = {}): Peers => ({
  ...Object.fromEntries(SERVICES.map((name) => [name, [url]])),
  ...others,
});

/** The value of one of the gateway's metrics, by its name with its labels as they appear in the text. */
export async function metricOf(gateway: Pick<RunningProcess, 'url'>, name: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(name));
  return Number(line?.split(' ').at(-1));
}
