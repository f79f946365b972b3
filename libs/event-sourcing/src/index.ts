export * from './aggregate.js';
export * from './event-store.js';
export * from './event-work.js';
export * from './postgres/event-work-adapter.js';
export * from './postgres/fold-projection.js';
export * from './postgres/postgres-event-store.js';
export * from './postgres/projector.js';
export * from './postgres/tables.js';
export type * from './projection.js';
