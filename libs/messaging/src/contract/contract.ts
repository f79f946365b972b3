import type { OutgoingMessage } from '@seam/kernel';
import type { z } from 'zod';

/** A request to the one service that owns it. It is answered by a {@link Reply} if the sender asks for one. */
export interface CommandContract<D = unknown, R = unknown> {
  readonly kind: 'command';
  readonly type: string;
  readonly service: string;
  readonly data: z.ZodType<D>;
  readonly reply: z.ZodType<R>;
}

/** A fact that its owner publishes; every subscriber gets it at least once, in no guaranteed order. */
export interface EventContract<D = unknown> {
  readonly kind: 'event';
  readonly type: string;
  readonly service: string;
  readonly data: z.ZodType<D>;
}

export type Contract<D = unknown> = CommandContract<D> | EventContract<D>;
export type DataOf<C> = C extends { data: z.ZodType<infer D> } ? D : never;

interface Definition<D> {
  readonly service: string;
  /** In kebab case: `send-invoice`. */
  readonly name: string;
  /** A breaking change is a new version beside the old one; additions are not breaking. */
  readonly version?: number;
  readonly data: z.ZodType<D>;
}

const typeOf = ({ service, name, version = 1 }: Definition<never> | Definition<unknown>): string =>
  `${service}.${name}.v${version}`;

export const defineCommand = <D, R>(d: Definition<D> & { reply: z.ZodType<R> }): CommandContract<D, R> => ({
  kind: 'command',
  type: typeOf(d),
  service: d.service,
  data: d.data,
  reply: d.reply,
});

export const defineEvent = <D>(d: Definition<D>): EventContract<D> => ({
  kind: 'event',
  type: typeOf(d),
  service: d.service,
  data: d.data,
});

/** A message of this contract, to be sent with the commit of the work that returns it. */
export const messageOf = <D>(
  contract: Contract<D>,
  correlationId: string,
  data: D,
  options: Pick<OutgoingMessage, 'replyTo' | 'notBefore'> = {},
): OutgoingMessage<D> => ({
  type: contract.type,
  kind: contract.kind,
  ...(contract.kind === 'command' ? { target: contract.service } : {}),
  correlationId,
  data,
  ...options,
});
