import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { canStart } from '@seam/testing';
import { freePort } from './free-port.js';
import { STAFF } from './shop-process.js';

const run = promisify(execFile);
const ENGINES = ['rabbitmq', 'mongodb', 'redis', 'clickhouse', 'consul', 'postgres'] as const;

/** Which images of docker-compose.yml's engines are not to be had here; without Docker, all. */
export const missingEngines = (): string[] => ENGINES.filter((name) => !canStart(name));

/** The shop in containers, by docker-compose.yml as it is: a project, an image name and a port of its own. */
export class ComposeShop {
  private constructor(
    private readonly project: string,
    private readonly port: number,
  ) {}

  /** Builds the image and brings everything up; resolves when every container is healthy. */
  static async up(): Promise<ComposeShop> {
    const shop = new ComposeShop(`seam-test-${process.pid}`, await freePort());
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

  /** Of the gateway, the one that is published. */
  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** Runs `docker compose` on this shop, and resolves with what it printed. */
  async compose(...args: string[]): Promise<string> {
    const env = {
      ...process.env,
      SEAM_PORT: String(this.port),
      SEAM_IMAGE: 'seam-test',
      SEAM_STAFF_PASSWORD: STAFF.password,
      SEAM_LOG: 'warn',
    };
    const { stdout } = await run('docker', ['compose', '-p', this.project, ...args], { env, maxBuffer: 64 * 2 ** 20 });
    return stdout;
  }

  /** The ids of these services' containers, or of all. */
  async containers(...services: string[]): Promise<string[]> {
    const ids = await this.compose('ps', '-q', ...services);
    return ids.split('\n').filter((id) => id !== '');
  }

  /** Takes everything away, data and passwords too. */
  async down(): Promise<void> {
    await this.compose('down', '-v', '--remove-orphans');
  }
}
