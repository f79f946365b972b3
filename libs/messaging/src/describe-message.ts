import type { Attributes, Message } from '@seam/kernel';

/**
 * Attributes of a span about a message, with OpenTelemetry's names where they exist; without the message's data.
 * @param system the transport, such as `rabbitmq`
 */
export const describeMessage = (
  { id, type, kind, source, target, correlationId }: Message,
  system: string | undefined,
): Attributes => ({
  'messaging.system': system,
  'messaging.message.id': id,
  'messaging.message.conversation_id': correlationId,
  'messaging.destination.name': target ?? type,
  'seam.message.type': type,
  'seam.message.kind': kind,
  'seam.message.source': source,
  'seam.correlation_id': correlationId,
});
