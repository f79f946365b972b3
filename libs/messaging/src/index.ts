export * from './committer.js';
export * from './decorators.js';
export * from './work.js';
