import { ProcessContext, type Settings } from '@seam/process';
import type { Databases } from './databases.js';

/** The context of the services of this process, with the databases that its settings choose. */
export class HostedProcess extends ProcessContext {
  constructor(
    readonly settings: Settings,
    readonly services: readonly string[],
    private readonly databases: Databases,
  ) {
    super();
  }

  override get exclusiveStore(): boolean {
    return this.databases.exclusive;
  }

  override databaseUrl(service: string): Promise<string> {
    return this.databases.url(service);
  }
}
