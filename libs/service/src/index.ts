export { Aggregates } from './aggregates.js';
export { type Answer, type Decide, type DecidedChange, type Decision, refuse, type Refusal } from './decision.js';
export { decides } from './decides.js';
export * from './define-service.js';
export { Sagas } from './sagas.js';
export * from './seam.module.js';
export type { ServiceAdapters, ServiceEngine } from './service-engine.js';
