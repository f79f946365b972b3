export { type Drainable, DrainRegistry } from './drain.js';
export { Readiness, type ReadinessCheck } from './health/readiness.js';
export { ProcessContext } from './process-context.js';
export { type LogLevel, readSettings, type Settings } from './settings.js';
export { type ServiceDefinition, selectServices } from './service-definition.js';
export { ServiceModule, type ServiceOptions } from './service.module.js';
export { StartError } from './start-error.js';
export { StartupNotes } from './startup-notes.js';
