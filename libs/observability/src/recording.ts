import type { DynamicModule } from '@nestjs/common';

/** The recording of traces, while a process runs. */
export interface Telemetry {
  /** Modules for the root of the application, with the providers of nestjs-otel. */
  readonly modules: readonly DynamicModule[];
  /** Sends the recorded spans and ends; those not accepted within 3 s are dropped. Safe to call twice. */
  stop(): Promise<void>;
}

export type Environment = Readonly<Record<string, string | undefined>>;
