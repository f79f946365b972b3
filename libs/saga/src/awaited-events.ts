import { type Aggregate, type DomainEvent, eventWork } from '@seam/event-sourcing';
import { derivedId, type Message } from '@seam/kernel';
import { type CommandWork, withOwnReplies, type Work } from '@seam/messaging';
import { done, uncheckedReplyTo } from '@seam/messaging/contract';

/** Whom to answer: what a command carries for its reply. */
type Waiter = Pick<Message, 'replyTo' | 'correlationId'>;
type AwaitedEventEvent = DomainEvent<'awaited', Waiter> | DomainEvent<'arrived', { data: unknown }>;

interface AwaitedEventState {
  readonly waiters: readonly Waiter[];
  /** The first event of this type and key. */
  readonly arrived?: { readonly data: unknown };
}

/**
 * An event of one type and key for a service's sagas. Its arrival and the sagas that wait for it are in one stream: whichever
 * comes first, the other one finds it, as two commits to a stream never miss each other.
 */
const AwaitedEvent: Aggregate<AwaitedEventState, AwaitedEventEvent> = {
  category: 'awaited-event',
  initial: { waiters: [] },
  evolve: (state, { type, data }) =>
    type === 'awaited' ? { ...state, waiters: [...state.waiters, data] } : { waiters: [], arrived: data },
  settled: ({ arrived }) => arrived !== undefined,
};

const streamOf = (type: string, key: string) => ({ aggregate: AwaitedEvent, id: derivedId(type, key) });

/** A saga waits: it is answered at once if the event has arrived, and otherwise as soon as it arrives. */
export function awaiting(command: Message<{ type: string; key: string }>, at: string): CommandWork<never> {
  const { data, replyTo, correlationId } = command;
  const waiter: Waiter = { correlationId, ...(replyTo === undefined ? {} : { replyTo }) };
  const same = JSON.stringify(waiter);
  return withOwnReplies(
    eventWork({ event: streamOf(data.type, data.key) }, ({ event: { arrived, waiters } }) => {
      if (arrived !== undefined) return { value: undefined, messages: uncheckedReplyTo(waiter, done(arrived.data)) };
      if (waiters.some((one) => JSON.stringify(one) === same)) return { value: undefined };
      const awaited: AwaitedEventEvent = { type: 'awaited', at, data: waiter };
      return { value: undefined, events: { event: [awaited] } };
    }),
  );
}

/** An event arrives: it is kept under each of these keys, and answers all sagas that wait for it. Only the first one counts. */
export function arriving(type: string, keys: readonly string[], data: unknown, at: string): Work<void> {
  const streams = Object.fromEntries([...new Set(keys)].map((key) => [key, streamOf(type, key)]));
  return eventWork(streams, (states) => {
    const open = Object.entries(states).filter(([, { arrived }]) => arrived === undefined);
    return {
      value: undefined,
      events: Object.fromEntries(open.map(([key]) => [key, [{ type: 'arrived' as const, at, data: { data } }]])),
      messages: open.flatMap(([, { waiters }]) => waiters.flatMap((one) => uncheckedReplyTo(one, done(data)))),
    };
  });
}
