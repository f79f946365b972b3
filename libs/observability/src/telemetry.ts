import type { Environment, Telemetry } from './recording.js';

/** OpenTelemetry's variables that turn traces on: where to send them, or by which exporter. */
const SWITCHES = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_TRACES_EXPORTER',
  'OTEL_CONFIG_FILE',
];

/**
 * Whether the environment switches traces on. `OTEL_SDK_DISABLED=true` and `OTEL_TRACES_EXPORTER=none` always switch
 * them off.
 */
export function isTelemetryWanted(environment: Environment): boolean {
  if (environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false;
  if (environment['OTEL_TRACES_EXPORTER'] === 'none') return false;
  return SWITCHES.some((name) => (environment[name] ?? '') !== '');
}

/**
 * Starts recording traces if the environment switches them on; otherwise undefined, and nothing of OpenTelemetry is
 * loaded. Must be called before the application is created.
 * @param process its name in traces (`service.name`) if the environment sets none: the service, or `seam` for many
 */
export async function startTelemetry(process: string, environment: Environment): Promise<Telemetry | undefined> {
  if (!isTelemetryWanted(environment)) return undefined;
  const { start } = await import('./sdk.js');
  return start(process, environment);
}
