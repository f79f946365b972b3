import type { Message, OutgoingMessage } from '@seam/kernel';
import type { z } from 'zod';

/** A request to the one service that owns it. It is answered by a {@link Reply} if the sender asks for one. */
export interface CommandContract<D = unknown, R = unknown> {
  readonly kind: 'command';
  readonly type: string;
  readonly service: string;
  readonly data: z.ZodType<D>;
  readonly expiresInMs?: number;
  readonly key?: (data: never) => string;
  readonly reply: z.ZodType<R>;
}

/** A fact that its owner publishes; every subscriber gets it at least once, in no guaranteed order unless it has a key. */
export interface EventContract<D = unknown> {
  readonly kind: 'event';
  readonly type: string;
  readonly service: string;
  readonly data: z.ZodType<D>;
  readonly expiresInMs?: number;
  readonly key?: (data: never) => string;
}

export type Contract<D = unknown> = CommandContract<D> | EventContract<D>;
/** What the handler of a contract's messages gets. */
export type MessageOf<C> = Message<DataOf<C>>;
export type DataOf<C> = C extends { data: z.ZodType<infer D> } ? D : never;
export type ReplyOf<C> = C extends { reply: z.ZodType<infer R> } ? R : never;

interface Definition<D> {
  readonly service: string;
  /** In kebab case: `send-invoice`. */
  readonly name: string;
  /** A breaking change is a new version beside the old one; additions are not breaking. */
  readonly version?: number;
  readonly data: z.ZodType<D>;
  /**
   * For how long its messages may be handled, ms: counted from their commit, or from their `notBefore`. Undefined: however
   * late they come. A command that has expired is answered as refused, with `MESSAGE.EXPIRED`.
   */
  readonly expiresInMs?: number;
  /**
   * What a message is about, such as its aggregate's id: each service handles one sender's messages of one key in the order
   * of their commits, one at a time, and others meanwhile. At most 200 characters. Undefined: in any order.
   */
  readonly key?: (data: D) => string;
}

const termsOf = <D>({ expiresInMs, key }: Definition<D>): Pick<Definition<D>, 'expiresInMs' | 'key'> => ({
  ...(expiresInMs === undefined ? {} : { expiresInMs }),
  ...(key === undefined ? {} : { key }),
});

const typeOf = ({ service, name, version = 1 }: Pick<Definition<unknown>, 'service' | 'name' | 'version'>): string =>
  `${service}.${name}.v${version}`;

export const defineCommand = <D, R>(d: Definition<D> & { reply: z.ZodType<R> }): CommandContract<D, R> => ({
  kind: 'command',
  type: typeOf(d),
  service: d.service,
  data: d.data,
  ...termsOf(d),
  reply: d.reply,
});

export const defineEvent = <D>(d: Definition<D>): EventContract<D> => ({
  kind: 'event',
  type: typeOf(d),
  service: d.service,
  data: d.data,
  ...termsOf(d),
});

/** A message of this contract, to be sent with the commit of the work that returns it. */
export const messageOf = <D>(
  contract: Contract<D>,
  correlationId: string,
  data: D,
  options: Pick<OutgoingMessage, 'replyTo' | 'notBefore' | 'cancelKey' | 'key' | 'expiresAt' | 'expiresInMs'> = {},
): OutgoingMessage<D> => ({
  type: contract.type,
  kind: contract.kind,
  ...(contract.kind === 'command' ? { target: contract.service } : {}),
  correlationId,
  data,
  ...(contract.key === undefined ? {} : { key: (contract.key as (of: D) => string)(data) }),
  ...(contract.expiresInMs === undefined ? {} : { expiresInMs: contract.expiresInMs }),
  ...options,
});
