import type { INestApplication } from '@nestjs/common';
import type { Server } from 'node:http';
import type { Databases } from './databases.js';
import type { InFlight } from './http/in-flight.js';
import type { ProcessParts } from './process.module.js';

/** A process that accepts requests. */
export interface RunningProcess {
  /** Its name in logs and traces. */
  readonly name: string;
  /** `http://localhost:<port>` */
  readonly url: string;
  readonly app: INestApplication;
  /** The location of the PostgreSQL data, as text; undefined if no service has any. */
  readonly dataPlace: string | undefined;
  readonly notes: readonly string[];
  /**
   * Stops it without losing anything: it is not ready at once, leaves discovery, still answers until its callers have
   * noticed, and then accepts no connection; requests and messages in progress end, then the application, the
   * connections of the databases and the embedded server. Safe to call twice.
   */
  close(): Promise<void>;
  /** What delays the close, for the operator. */
  busy(): string[];
}

/** How long drains may take; the caller that closes the process decides what happens after that. */
const DRAIN_MS = 15_000;

/** Stops a process, however much of it has started. */
export class Shutdown {
  parts: ProcessParts | undefined;
  app: INestApplication | undefined;
  inFlight: InFlight | undefined;
  private closing: Promise<void> | undefined;
  private stage = '';

  constructor(private readonly databases: Databases) {}

  running(app: INestApplication, facts: Pick<RunningProcess, 'name' | 'url' | 'dataPlace' | 'notes'>): RunningProcess {
    return { ...facts, app, close: () => this.close(), busy: () => this.busy() };
  }

  close(): Promise<void> {
    return (this.closing ??= this.run());
  }

  /** Every stage runs, even if an earlier one failed; rejects with all failures. */
  private async run(): Promise<void> {
    if (this.parts !== undefined) this.parts.readiness.phase = 'draining';
    const stages: [string, () => Promise<unknown> | undefined][] = [
      ['discovery', () => this.parts?.discovery.close()],
      ['leaving', () => this.inFlight?.leave(this.parts?.context.settings.leaveMs ?? 0)],
      ['requests', () => this.inFlight?.stop(this.app?.getHttpServer() as Server)],
      ['messages', () => this.parts?.drains.drain(DRAIN_MS)],
      ['application', () => this.app?.close()],
      ['connections', () => this.parts?.drains.close()],
      ['transport', () => this.parts?.transport.close()],
      ['PostgreSQL', () => this.databases.stop()],
    ];
    const errors: unknown[] = [];
    for (const [name, end] of stages) {
      this.stage = name;
      await Promise.resolve(end()).catch((error: unknown) => errors.push(error));
    }
    this.stage = '';
    if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join('; '));
  }

  busy(): string[] {
    if (this.stage === 'requests') return [`${this.inFlight?.count ?? 0} HTTP requests`];
    if (this.stage === 'messages') return this.parts?.drains.busy ?? [];
    return this.stage === '' ? [] : [this.stage];
  }
}
