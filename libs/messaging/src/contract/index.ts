/** Functions to define messages. An entry of its own, so that it loads no transport and no driver. */
export * from './contract.js';
export * from './reply.js';
