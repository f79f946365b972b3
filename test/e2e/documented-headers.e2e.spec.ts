import { shop as system } from '@seam/contracts';
import { type RunningProcess, startProcess } from '@seam/host';
import { readSettings } from '@seam/process';
import { services } from '../../apps/monolith/src/services.js';
import {
  echo,
  everythingAt,
  type FakeService,
  fakeService,
  startGateway,
} from '../../apps/gateway/src/testing/gateway-rig.js';
import { dataDirectory } from '../support/shop-process.js';

interface Parameter {
  readonly in: string;
  readonly name: string;
}

let behind: FakeService;
let gateway: RunningProcess;

beforeAll(async () => {
  behind = await fakeService(echo);
  gateway = await startGateway(everythingAt(behind.url));
});

afterAll(async () => {
  await gateway.close();
  await behind.stop();
});

/** Method, path and name of every header that the services' own documents name. */
async function documented(): Promise<[method: string, path: string, header: string][]> {
  const settings = readSettings({ PORT: '0', SEAM_DATA: dataDirectory(), SEAM_LOG: 'error' });
  const shop = await startProcess({ ...system, services }, settings);
  try {
    const { paths } = (await (await fetch(`${shop.url}/docs-json`)).json()) as {
      paths: Record<string, Record<string, { parameters?: Parameter[] }>>;
    };
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { parameters = [] }]) =>
        parameters
          .filter((one) => one.in === 'header')
          .map((one): [string, string, string] => [method, path, one.name]),
      ),
    );
  } finally {
    await shop.close();
  }
}

test('every header that a document names is passed on by the gateway', async () => {
  const headers = await documented();
  expect(headers.map(([, , name]) => name.toLowerCase())).toEqual(
    expect.arrayContaining(['idempotency-key', 'x-seam-signature']),
  );
  for (const [method, path, name] of headers) {
    const answer = await fetch(`${gateway.url}${path.replace(/\{[^}]+\}/g, 'x')}`, {
      method: method.toUpperCase(),
      headers: { [name]: 'as it was sent' },
    });
    const { headers: arrived } = (await answer.json()) as { headers: Record<string, string> };
    expect([path, name, arrived[name.toLowerCase()]]).toEqual([path, name, 'as it was sent']);
  }
});
