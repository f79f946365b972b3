import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DrainRegistry, ProcessContext } from '@seam/process';
import { Mailer } from './mailer.js';

/** Starts the mailer with the process, and ends it before the process does. */
@Injectable()
export class MailerLifecycle implements OnApplicationBootstrap {
  constructor(
    private readonly mailer: Mailer,
    private readonly context: ProcessContext,
    private readonly drains: DrainRegistry,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.mailer.start(this.context.exclusiveStore);
    this.drains.add({ name: 'notifications mailer', drain: () => this.mailer.stop() });
  }
}
