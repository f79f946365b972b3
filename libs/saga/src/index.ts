export * from './definition.js';
export * from './engine/advance.js';
export { canAbort, type SagaInput } from './engine/decide.js';
export * from './engine/state.js';
export * from './runner.js';
