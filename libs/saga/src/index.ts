export * from './definition.js';
export * from './engine/handle-input.js';
export { canAbort, type SagaInput } from './engine/decide.js';
export * from './engine/state.js';
export * from './runner.js';
export type { SagaEngine } from './saga-engine.js';
export * from './saga-finder.js';
export * from './saga.module.js';
export * from './timers.js';
