export * from './rabbitmq-transport.js';
