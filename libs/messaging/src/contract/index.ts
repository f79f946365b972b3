/** What services define their messages with. Of its own entry, as it loads no transport and no driver. */
export * from './contract.js';
export * from './reply.js';
