/**
 * A message between services. A message's identity for a receiver is its `id` and the handler: the same message may
 * arrive more than once, late and out of order; equal content never means equal message.
 */
export interface Message<D = unknown> {
  readonly id: string;
  /** `<owner>.<name>.v<version>`, such as `billing.send-invoice.v1` */
  readonly type: string;
  readonly kind: 'command' | 'event' | 'reply';
  /** The service that sent it. */
  readonly source: string;
  /** The receiving service; an event is for its subscribers. */
  readonly target?: string;
  /** The business process it belongs to: the id of that process' subject, such as an order. */
  readonly correlationId: string;
  /** The id of the message whose handling sent this one. */
  readonly causationId?: string;
  /** The target of the reply, and context that is returned with it unchanged. */
  readonly replyTo?: ReplyAddress;
  /** W3C Trace Context. */
  readonly traceparent?: string;
  /** ISO 8601 UTC, when it was sent. */
  readonly at: string;
  /**
   * Its ordering key, such as the id of an aggregate: one service's messages with one key are handled in the order of
   * their commits. Without it, in any order.
   */
  readonly key?: string;
  /**
   * ISO 8601 UTC: after this time, by the receiver's clock, it is not handled any more. Without it, it is handled
   * however late it arrives.
   */
  readonly expiresAt?: string;
  readonly data: D;
}

export interface ReplyAddress {
  readonly service: string;
  readonly context: unknown;
}

/** A message before its commit: the committer adds id, source, time, cause and trace. */
export interface OutgoingMessage<D = unknown> extends Pick<
  Message<D>,
  'type' | 'kind' | 'target' | 'correlationId' | 'replyTo' | 'key' | 'expiresAt' | 'data'
> {
  /** It is sent not before this time; without it at once. */
  readonly notBefore?: Date;
  /** For a delayed message: a later commit can cancel all messages with this key that are not sent yet. */
  readonly cancelKey?: string;
  /**
   * For how long it may be handled, ms: counted from its commit, or from `notBefore`. An `expiresAt` takes precedence.
   */
  readonly expiresInMs?: number;
}
