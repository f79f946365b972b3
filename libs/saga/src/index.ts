export * from './definition.js';
export * from './engine/advance.js';
export { canAbort, type SagaInput } from './engine/decide.js';
export * from './engine/state.js';
export * from './runner.js';
export * from './postgres/saga-view.js';
export * from './postgres/tables.js';
export * from './timers.js';
