import type { DynamicModule } from '@nestjs/common';

/** The recording of traces, while a process runs. */
export interface Telemetry {
  /** For the root of the application: what nestjs-otel provides to those who ask for it. */
  readonly modules: readonly DynamicModule[];
  /** Sends what is recorded and ends; what the collector does not take within 3 s is dropped. Safe to call twice. */
  stop(): Promise<void>;
}

export type Environment = Readonly<Record<string, string | undefined>>;
