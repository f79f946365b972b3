export { jsonLogger } from './logger.js';
export { redact } from './redact.js';
export { redactFields } from './redact-fields.js';
export type { Telemetry } from './recording.js';
export { startTelemetry } from './telemetry.js';
