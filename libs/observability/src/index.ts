export { redact } from './redact.js';
export { isTelemetryWanted, startTelemetry, type Telemetry } from './telemetry.js';
