import { type DynamicModule, Logger } from '@nestjs/common';
import { diag, DiagLogLevel, trace } from '@opentelemetry/api';
import { useTracer } from '@seam/kernel';
import { OpenTelemetryModule } from 'nestjs-otel';
import { OtelTracer } from './otel-tracer.js';
import { RateLimitedDiagnostics } from './rate-limited-diagnostics.js';
import type { Environment, Telemetry } from './recording.js';

/** How long the end waits for the collector. */
const FLUSH_WITHIN_MS = 3_000;

/** Loads OpenTelemetry's SDK, sets it up by its own environment variables, and records the kernel's spans with it. */
export async function start(process: string, environment: Environment): Promise<Telemetry> {
  const stopSdk = isRegistered() ? undefined : await startSdk(process, environment);
  useTracer(new OtelTracer(process));
  let stopping: Promise<void> | undefined;
  return {
    modules: [nestModule(environment)],
    stop: () =>
      (stopping ??= (async () => {
        useTracer(undefined);
        if (stopSdk !== undefined) await within(FLUSH_WITHIN_MS, stopSdk());
      })()),
  };
}

/** Whether an SDK runs already: one that was preloaded with its own instrumentations is used as it is. */
function isRegistered(): boolean {
  const provider = trace.getTracerProvider() as { getDelegate?: () => object };
  return provider.getDelegate?.().constructor.name !== 'NoopTracerProvider';
}

async function startSdk(process: string, environment: Environment): Promise<() => Promise<void>> {
  const { startNodeSdk } = await import('@opentelemetry/sdk-node');
  const sdk = startNodeSdk({
    // Metrics are Prometheus' and logs go to standard output, unless the environment selects this exporter for them, too.
    ...(isSet(environment, 'OTEL_METRICS_EXPORTER') ? {} : { metricReaders: [] }),
    ...(isSet(environment, 'OTEL_LOGS_EXPORTER') ? {} : { logRecordProcessors: [] }),
    ...(isNamed(environment) ? {} : { resourceAttributes: { 'service.name': process } }),
  });
  const diagnostics = new RateLimitedDiagnostics(new Logger('telemetry'));
  diag.setLogger(diagnostics, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  return () => sdk.shutdown();
}

/**
 * `TraceService`, `MetricService` and the decorators `@Span` and `@Traceable` for services that want spans of their own;
 * and the host's metrics, if OpenTelemetry's metrics are selected.
 */
const nestModule = (environment: Environment): DynamicModule =>
  OpenTelemetryModule.forRoot({ metrics: { hostMetrics: isSet(environment, 'OTEL_METRICS_EXPORTER') } });

const isSet = (environment: Environment, name: string): boolean =>
  (environment[name] ?? '') !== '' && environment[name] !== 'none';

const isNamed = (environment: Environment): boolean =>
  isSet(environment, 'OTEL_SERVICE_NAME') ||
  /(^|,)\s*service\.name=/.test(environment['OTEL_RESOURCE_ATTRIBUTES'] ?? '');

/** Resolves when the work has ended, successfully or not, or after that time. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}
