export { jsonLogger } from './logger.js';
export { redact } from './redact.js';
export { redactFields } from './redact-fields.js';
export { isTelemetryWanted, startTelemetry, type Telemetry } from './telemetry.js';
