import Consul from 'consul';
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Instance } from '../discovery.js';

/** How long Consul waits for a change before it answers a blocking query. It adds up to a sixteenth of that. */
const WAIT_S = 10;
const WATCH_TIMEOUT_MS = (WAIT_S + WAIT_S / 16 + 2) * 1_000;
const CALL_TIMEOUT_MS = 2_000;

/** The registration of one service of one process in Consul. */
export interface Registration {
  readonly id: string;
  readonly service: string;
  readonly url: string;
}

export interface Lookup {
  /** The index to wait from; it grows with every change, and only falls if the registry has lost its data. */
  readonly index: bigint;
  readonly instances: readonly Instance[];
}

/** The parts of a node in a health answer that are read. */
interface Entry {
  readonly Node: { readonly Address: string };
  readonly Service: {
    readonly ID: string;
    readonly Address: string;
    readonly Port: number;
    readonly Meta: Readonly<Record<string, string>> | null;
  };
}

/** The calls of Consul's agent that discovery needs; each rejects if Consul does not answer in time. */
export class ConsulApi {
  private readonly consul: Consul;

  /** `url` may carry an ACL token as its password, or as its user name. */
  constructor(url: string) {
    const { protocol, hostname, port, username, password } = new URL(url);
    const secure = protocol === 'https:';
    const token = decodeURIComponent(password || username);
    this.consul = new Consul({
      host: hostname,
      port: port === '' ? (secure ? 443 : 80) : Number(port),
      secure,
      ...(token === '' ? {} : { defaults: { token } }),
    });
  }

  /** Resolves if the registry accepts changes; without a leader it does not. */
  async ready(): Promise<void> {
    const leader = await answered(this.consul.status.leader({ timeout: CALL_TIMEOUT_MS } as object));
    if (leader === '') throw new Error('it has no leader yet');
  }

  /** The passing instances; with an index it waits until there is a change, or for {@link WAIT_S}. */
  async passing(service: string, index: bigint, signal: AbortSignal): Promise<Lookup> {
    const context = Object.assign(new EventEmitter(), { includeResponse: true });
    const cancel = (): void => void context.emit('cancel');
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const options = { service, passing: true, index: String(index), wait: `${WAIT_S}s`, timeout: WATCH_TIMEOUT_MS };
      const answer = await answered(this.consul.health.service({ ...options, ctx: context } as { service: string }));
      const [response, entries] = answer as unknown as [IncomingMessage, readonly Entry[]];
      const seen = response.headers['x-consul-index'];
      return {
        index: typeof seen === 'string' && /^\d+$/.test(seen) ? BigInt(seen) : 0n,
        instances: entries.map(instanceOf),
      };
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** The ids of the registrations that the agent has. */
  async registered(): Promise<ReadonlySet<string>> {
    return new Set(Object.keys(await answered(this.consul.agent.service.list({ timeout: CALL_TIMEOUT_MS } as object))));
  }

  /** Passing at once, as a process that registers is ready; from then on Consul checks its health. */
  async register({ id, service, url }: Registration): Promise<void> {
    const { hostname, port, protocol } = new URL(url);
    const registering = this.consul.agent.service.register({
      id,
      name: service,
      address: hostname,
      port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
      meta: { 'seam-url': url },
      check: {
        name: `${service} is ready`,
        // With the service's name, as another service may have the address by then: containers get new ones at each start.
        http: `${url}/health/ready?service=${service}`,
        interval: '2s',
        // On a busy machine a healthy process may answer late: two failures in a row, before it gets no more requests.
        timeout: '3s',
        failuresbeforecritical: 1,
        status: 'passing',
        deregistercriticalserviceafter: '1m',
      },
      ...({ timeout: CALL_TIMEOUT_MS } as object),
    });
    await answered(registering);
  }

  async deregister(id: string): Promise<void> {
    await answered(this.consul.agent.service.deregister({ id, ...({ timeout: CALL_TIMEOUT_MS } as object) }));
  }

  /** Ends the connections that are kept open. */
  close(): void {
    this.consul.destroy();
  }
}

function instanceOf({ Node, Service }: Entry): Instance {
  const host = Service.Address === '' ? Node.Address : Service.Address;
  return { id: Service.ID, url: Service.Meta?.['seam-url'] ?? `http://${host}:${Service.Port}` };
}

/** The client resolves with errors of another realm, as under a test runner: recognised here in both cases. */
async function answered<T>(answer: Promise<T>): Promise<T> {
  const value = await answer;
  if (Object.prototype.toString.call(value) === '[object Error]') throw value as Error;
  return value;
}
