import type { Outbox } from '../outbox.js';

/** The outbox of a service that sends no messages: it is always empty. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- no adapter of a store: nobody puts anything in
export const noOutbox: Outbox = {
  ordered: undefined,
  markDispatched: () => Promise.resolve(),
  claim: () => Promise.resolve([]),
  giveBack: () => Promise.resolve(),
  adopt: () => Promise.resolve(),
  lag: () => Promise.resolve({ waiting: 0, oldestSeconds: 0 }),
};
