import { type Contract, Reply, replyType } from '@seam/messaging/contract';
import { Envelope } from '@seam/messaging';
import { z } from 'zod';
import type { SystemDefinition } from '../system-definition.js';

type Flow = Required<Pick<SystemDefinition, 'subscriptions' | 'sent' | 'texts'>>;

/** An AsyncAPI 3.0 document, as JSON. */
export type AsyncApiDocument = Readonly<Record<string, unknown>>;

/**
 * The messages of these services: a channel for each type of message, and an operation for each service that sends or
 * handles it. Commands to a service are handled by it; what is handled otherwise are its subscriptions. A payload is the
 * whole message as it is sent, with the contract's data.
 */
export function asyncApiDocument({ subscriptions, sent, texts }: Flow, services: readonly string[]): AsyncApiDocument {
  const all = Object.values(sent).flatMap(({ events, commands }) => [...events, ...commands]);
  const byType = new Map(all.map((contract) => [contract.type, contract]));
  const operations: Operation[] = services.flatMap((service) => {
    const { events = [], commands = [] } = sent[service] ?? {};
    const subscribed = (subscriptions[service] ?? []).flatMap(({ type }) => byType.get(type) ?? []);
    const own = [...byType.values()].filter((contract) => contract.kind === 'command' && contract.service === service);
    return [
      ...[...events, ...commands].map((contract) => ({ service, action: 'send' as const, contract })),
      ...[...own, ...subscribed].map((contract) => ({ service, action: 'receive' as const, contract })),
    ];
  });
  const contracts = [...new Set(operations.map(({ contract }) => contract))];
  return {
    asyncapi: '3.0.0',
    info: {
      title: `${texts.name}: messages`,
      version: '1',
      description: `${texts.purpose}. Delivery is at least once; a receiver recognises a repeated message by its id.`,
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(contracts.flatMap(channelsOf)),
    operations: Object.fromEntries(operations.map(operationOf)),
    components: { messages: Object.fromEntries(contracts.flatMap(messagesOf)) },
  };
}

interface Operation {
  readonly service: string;
  readonly action: 'send' | 'receive';
  readonly contract: Contract;
}

const idOf = (type: string): string => type.replaceAll('.', '-');
const replyId = ({ type }: Contract): string => `${idOf(type)}-reply`;

const channelsOf = (contract: Contract): [string, object][] => [
  channel(idOf(contract.type), contract.type),
  ...(contract.kind === 'command' ? [channel(replyId(contract), null)] : []),
];

/** The address of a reply is that of its receiver, which the command names. */
const channel = (id: string, address: string | null): [string, object] => [
  id,
  { address, messages: { message: { $ref: `#/components/messages/${id}` } } },
];

function operationOf({ service, action, contract }: Operation): [string, object] {
  const id = idOf(contract.type);
  const reply = replyId(contract);
  return [
    `${service}-${action}-${id}`,
    {
      action,
      channel: { $ref: `#/channels/${id}` },
      messages: [{ $ref: `#/channels/${id}/messages/message` }],
      tags: [{ name: service }],
      ...(contract.kind === 'command'
        ? {
            reply: {
              channel: { $ref: `#/channels/${reply}` },
              messages: [{ $ref: `#/channels/${reply}/messages/message` }],
            },
          }
        : {}),
    },
  ];
}

function messagesOf(contract: Contract): [string, object][] {
  const message = messageOf(idOf(contract.type), contract.type, Envelope.extend({ data: contract.data }));
  if (contract.kind === 'event') return [message];
  const [done, refused] = Reply.shape.outcome.options;
  const outcome = z.discriminatedUnion('outcome', [done.extend({ data: contract.reply }), refused]);
  const reply = Envelope.extend({ data: Reply.extend({ outcome }) });
  return [message, messageOf(replyId(contract), replyType('{service}'), reply)];
}

/** AsyncAPI's schemas are those of JSON Schema's draft 7. */
function messageOf(id: string, name: string, content: z.ZodType): [string, object] {
  const { $schema: _, ...payload } = z.toJSONSchema(content, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  return [id, { name, contentType: 'application/json', payload }];
}
