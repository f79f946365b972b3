export { type BreakerState, NotCounted } from './breaker.js';
export { type Refusal } from './guard-metrics.js';
export { Guard, type GuardOptions } from './guard.js';
export { guardDefaults, Guards } from './guards.js';
