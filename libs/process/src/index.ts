export { DrainRegistry } from './drain.js';
export { Metrics } from './metrics/metrics.js';
export { sharedGauge } from './metrics/shared-gauge.js';
export { ProcessContext } from './process-context.js';
export { type DependencyStatus, Readiness, type ReadinessCheck } from './readiness.js';
export { type LogLevel, processSettings, readSettings, type Settings } from './settings/settings.js';
export type { SettingsDeclaration } from './settings/settings-reader.js';
export { isSelfExplaining, StartError } from './start-error.js';
export { StartupNotes } from './startup-notes.js';
