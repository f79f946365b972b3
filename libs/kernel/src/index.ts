export * from './clock.js';
export * from './errors.js';
export * from './ids.js';
export type * from './message.js';
export * from './money.js';
export * from './text.js';
export * from './trace.js';
