export * from './decider-specification.js';
export * from './eventually.js';
export * from './saga-specification.js';
