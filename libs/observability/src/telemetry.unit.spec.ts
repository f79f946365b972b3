import { isTelemetryWanted, startTelemetry } from './telemetry.js';
import { RateLimitedDiagnostics } from './rate-limited-diagnostics.js';

describe('isTelemetryWanted', () => {
  it.each([
    [{}, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
    [{ OTEL_TRACES_EXPORTER: 'console' }, true],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, false],
    [{ OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, false],
    [{ OTEL_SERVICE_NAME: 'seam' }, false],
  ])('%j: %s', (environment, wanted) => {
    expect(isTelemetryWanted(environment)).toBe(wanted);
  });
});

it('is not started if the environment does not ask for it', async () => {
  expect(await startTelemetry('seam', {})).toBeUndefined();
});

it('logs the same diagnostic at most once a minute', () => {
  const said: string[] = [];
  let now = 1_000;
  const diagnostics = new RateLimitedDiagnostics({ warn: (text: string) => void said.push(text) }, () => now);
  const failed = JSON.stringify({ stack: 'Error: …', message: '', name: 'AggregateError', code: 'ECONNREFUSED' });
  diagnostics.error(failed);
  diagnostics.error(failed);
  diagnostics.warn('another thing');
  now += 60_001;
  diagnostics.error(failed);
  const away = 'traces are not sent: ECONNREFUSED';
  expect(said).toEqual([away, 'another thing', away]);
});
