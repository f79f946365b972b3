export * from './decider-specification.js';
export * from './engines.js';
export * from './eventually.js';
export * from './saga-specification.js';
