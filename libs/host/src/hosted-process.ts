import { ProcessContext, type Settings } from '@seam/process';
import type { Databases } from './databases.js';

/** A process by its settings. */
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
