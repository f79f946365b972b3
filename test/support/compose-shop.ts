import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { canStart } from '@seam/testing/engines';
import { freePort, freeRange } from './free-port.js';
import { OuterBalancer } from './outer-balancer.js';
import { STAFF } from './shop-process.js';
import { onClickHouse } from './stores/clickhouse-sales.js';
import { onMongo } from './stores/mongo-orders.js';
import { onPostgres } from './stores/postgres-stores.js';
import { onRedis } from './stores/redis-stock.js';
import type { Stores } from './stores/stores.js';

const run = promisify(execFile);
const ENGINES = ['rabbitmq', 'mongodb', 'redis', 'clickhouse', 'consul', 'postgres'] as const;

/** The images of docker-compose.yml's engines that are not available here; without Docker, all. */
export const missingEngines = (): string[] => ENGINES.filter((name) => !canStart(name));

export const SERVICES = [
  'gateway',
  'users',
  'products',
  'orders',
  'inventory',
  'payments',
  'notifications',
  'analytics',
];

/**
 * The memory that a process has used for itself at its highest, bytes: resident (`VmHWM`, proc_pid_status(5)) without
 * what is mapped from files. That is Node's program, of which all containers share one copy, and which the kernel drops
 * before it kills. 0 of a process that has ended.
 */
function peakOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytesOf = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
    return bytesOf('VmHWM') - bytesOf('RssFile');
  } catch {
    return 0;
  }
}

/** The ports that deploy/engines.yml publishes on 127.0.0.1, if requested. */
const PUBLISHED = ['POSTGRES', 'MONGO', 'REDIS', 'CLICKHOUSE', 'RABBITMQ', 'RABBITMQ_MANAGEMENT', 'CONSUL'];

async function enginePorts(): Promise<Record<string, string>> {
  const ports: Record<string, string> = {};
  for (const name of PUBLISHED) ports[`${name}_PORT`] = String(await freePort());
  return ports;
}

/** The shop in containers, by the unchanged docker-compose.yml: a project, an image name and a port of its own. */
export class ComposeShop {
  private balancer: OuterBalancer | undefined;

  private constructor(
    readonly project: string,
    /** The published port of the gateways, or a range. */
    private published: string,
    private readonly prometheusPort: number,
    private readonly ports: Record<string, string> | undefined,
  ) {}

  /**
   * Builds the image and starts everything; resolves when every container is healthy.
   * @param options.engines whether the engines can be reached from here, for {@link stores}
   */
  static async up({ engines = false } = {}): Promise<ComposeShop> {
    const ports = engines ? await enginePorts() : undefined;
    const shop = new ComposeShop(`seam-test-${process.pid}`, String(await freePort()), await freePort(), ports);
    try {
      await shop.compose('build', 'gateway'); // Every service has this image.
      await shop.compose('up', '-d', '--wait');
      return shop;
    } catch (error) {
      const state = await shop.compose('ps', '-a').catch(String);
      const logs = await shop.compose('logs', '--tail', '20').catch(String);
      await shop.down();
      throw new Error(`the containers did not come up: ${String(error)}\n${state}\n${logs}`);
    }
  }

  /** Of the gateway that is published, or of the balancer before several. */
  get url(): string {
    return this.balancer?.url ?? `http://localhost:${this.published}`;
  }

  /** Two gateways, and a port for a third, behind a balancer. */
  async withTwoGateways(): Promise<void> {
    const first = await freeRange(3);
    this.published = `${first}-${first + 2}`;
    this.balancer = await OuterBalancer.start([first, first + 1, first + 2]);
    await this.compose('up', '-d', '--wait', '--scale', 'gateway=2');
  }

  /** The URL of Prometheus, if a test starts it. */
  get prometheusUrl(): string {
    return `http://localhost:${this.prometheusPort}`;
  }

  /** Runs `docker compose` on this shop, and resolves with its output. */
  async compose(...args: string[]): Promise<string> {
    const { stdout } = await run('docker', ['compose', ...args], { env: this.environment, maxBuffer: 64 * 2 ** 20 });
    return stdout;
  }

  /** Replaces the containers of these services as an operator does. */
  async rollOut(...services: string[]): Promise<void> {
    await run('deploy/roll-out.sh', services, { env: this.environment, maxBuffer: 64 * 2 ** 20 });
  }

  private get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      ...this.ports,
      COMPOSE_PROJECT_NAME: this.project,
      COMPOSE_FILE: this.ports === undefined ? 'docker-compose.yml' : 'docker-compose.yml:deploy/engines.yml',
      SEAM_PORT: this.published,
      ...(this.balancer === undefined ? {} : { SEAM_LEAVE_S: '3' }),
      PROMETHEUS_PORT: String(this.prometheusPort),
      SEAM_IMAGE: 'seam-test',
      SEAM_STAFF_PASSWORD: STAFF.password,
      SEAM_LOG: 'warn',
    };
  }

  /** The ids of these services' containers, or of all. */
  async containers(...services: string[]): Promise<string[]> {
    const ids = await this.compose('ps', '-q', ...services);
    return ids.split('\n').filter((id) => id !== '');
  }

  /** When each container of a service was started, and how often Docker had to start it again. */
  async starts(service: string): Promise<string> {
    const format = '{{.State.StartedAt}} {{.RestartCount}}';
    const { stdout } = await run('docker', ['inspect', '-f', format, ...(await this.containers(service))]);
    return stdout;
  }

  /** The peak memory of each of our services since its container was created, and its limit: bytes. */
  async memory(): Promise<{ service: string; peak: number; limit: number; killed: boolean }[]> {
    const { stdout } = await run('docker', ['inspect', ...(await this.containers(...SERVICES))]);
    const containers = JSON.parse(stdout) as {
      Config: { Labels: Record<string, string> };
      HostConfig: { Memory: number };
      State: { OOMKilled: boolean; Pid: number };
    }[];
    return containers.map(({ Config, HostConfig, State }) => ({
      service: Config.Labels['com.docker.compose.service'] ?? '',
      peak: peakOf(State.Pid),
      limit: HostConfig.Memory,
      killed: State.OOMKilled,
    }));
  }

  /** The number of lines that each of our services has logged since then. */
  async logged(since: Date): Promise<{ service: string; lines: number }[]> {
    const count = async (service: string): Promise<{ service: string; lines: number }> => {
      const log = await this.compose('logs', '--no-log-prefix', '--since', since.toISOString(), service);
      return { service, lines: log.split('\n').length - 1 };
    };
    return await Promise.all(SERVICES.map(count));
  }

  /** The address of each engine from here, by its setting. */
  async engineUrls(): Promise<(setting: string) => string> {
    const lines = await this.compose('run', '--rm', '-T', '--no-deps', 'secrets', 'cat', '/secrets/all/engines.env');
    return (setting) => {
      const url = new RegExp(`^export ${setting}='(.+)'$`, 'm').exec(lines)?.[1];
      if (url === undefined) throw new Error(`engines.env has no ${setting}`);
      return url;
    };
  }

  /** Every service's store, on the engine it has here. */
  async stores(): Promise<Stores> {
    const urlOf = await this.engineUrls();
    const server = urlOf('DATABASE_URL');
    return {
      ...onPostgres((service) => `${server}/seam_${service}`),
      orders: onMongo(urlOf('MONGODB_URL')),
      inventory: onRedis(urlOf('REDIS_URL')),
      analytics: onClickHouse(urlOf('CLICKHOUSE_URL')),
    };
  }

  /** Removes everything, including data and passwords. */
  async down(): Promise<void> {
    await this.balancer?.stop();
    await this.compose('down', '-v', '--remove-orphans');
  }
}
