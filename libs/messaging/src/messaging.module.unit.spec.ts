import { Committer } from './committer.js';
import { DeadLetters } from './dead-letters.js';
import { MessagingModule } from './messaging.module.js';
import { Outbox } from './outbox.js';
import { redisStore } from './redis/redis-store.js';
import { StoreLifecycle } from './service-store.js';

it.each([
  ['Committer', Committer],
  ['Outbox', Outbox],
  ['DeadLetters', DeadLetters],
  ['StoreLifecycle', StoreLifecycle],
])('reports which adapter a store lacks: %s', (name, port) => {
  const whole = redisStore();
  const lacking = {
    ...whole,
    providers: (service: string) =>
      whole.providers(service).filter((adapter) => typeof adapter === 'function' || adapter.provide !== port),
  };
  expect(() => MessagingModule.forService({ service: 'rooms', store: whole })).not.toThrow();
  expect(() => MessagingModule.forService({ service: 'rooms', store: lacking })).toThrow(
    `The adapters of the store of rooms lack ${name}.`,
  );
});
