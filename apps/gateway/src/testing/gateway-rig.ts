import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Discovery, StaticDiscovery } from '@seam/discovery';
import { readSettings, type RunningProcess, startProcess } from '@seam/host';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testIdentity, type TestIdentity } from '../../../../libs/security/src/testing/index.js';
import { gatewayService } from '../gateway.definition.js';
import { GatewayModule } from '../gateway.module.js';
import { defaultLimits, type GatewayLimits } from '../limits.js';

@Global()
@Module({})
class TestDiscovery {
  static of(discovery: Discovery): DynamicModule {
    return { module: TestDiscovery, providers: [{ provide: Discovery, useValue: discovery }], exports: [Discovery] };
  }
}

@Module({})
class TestGateway {}

/** A gateway in this process, in front of what a test makes up. */
export function startGateway(discovery: Discovery, limits: Partial<GatewayLimits> = {}): Promise<RunningProcess> {
  const module = {
    on: (): DynamicModule => ({
      module: TestGateway,
      imports: [TestDiscovery.of(discovery), GatewayModule.within({ ...defaultLimits, ...limits })],
    }),
  };
  return startProcess([{ ...gatewayService, module }], readSettings({ PORT: '0', SEAM_LOG: 'error' }));
}

/** A server that plays a service. */
export interface FakeService {
  readonly url: string;
  readonly server: Server;
  /** How often it was asked. */
  calls: number;
  /** Answers from now on; at first with what it was asked, as JSON. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  stop(): Promise<void>;
  /** Again on its port. */
  start(): Promise<void>;
}

export async function fakeService(answer: RequestListener = echo): Promise<FakeService> {
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
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
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    start: () => listen(server, port),
  };
  return fake;
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve) => void server.listen(port, '127.0.0.1', resolve));

/** Answers with all that arrived. */
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

/** A users service with keys of its own, and the tokens that go with them. */
export async function fakeUsers(): Promise<{ users: FakeService; identity: TestIdentity }> {
  const identity = await testIdentity();
  const users = await fakeService((request, response) => {
    if (request.url !== '/.well-known/jwks.json') return echo(request, response);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(identity.jwks));
  });
  return { users, identity };
}

/** Every service at one URL, but for those named. */
export const everythingAt = (url: string, others: Readonly<Record<string, string[]>> = {}): Discovery => {
  const names = ['users', 'products', 'orders', 'inventory', 'payments', 'notifications', 'analytics'];
  return new StaticDiscovery({ ...Object.fromEntries(names.map((name) => [name, [url]])), ...others });
};
