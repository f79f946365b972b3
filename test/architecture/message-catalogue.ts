import * as contracts from '@seam/contracts';
import { sent, subscriptions } from '@seam/contracts';
import type { Contract } from '@seam/messaging/contract';
import { z } from 'zod';
import { services } from './sources.js';

const contractsByName: readonly (readonly [string, Contract])[] = Object.entries(contracts as Record<string, unknown>)
  .filter((entry): entry is [string, Contract] => {
    const value = entry[1] as Partial<Contract> | undefined;
    return typeof value === 'object' && 'kind' in value && 'type' in value && 'data' in value;
  })
  .sort(([, a], [, b]) => a.type.localeCompare(b.type, 'en'));

const sendersOf = (contract: Contract): string[] =>
  services.filter((service) =>
    [...(sent[service]?.events ?? []), ...(sent[service]?.commands ?? [])].some(({ type }) => type === contract.type),
  );

const handlersOf = (contract: Contract): string[] =>
  contract.kind === 'command'
    ? [contract.service]
    : services.filter((service) => subscriptions[service]?.some(({ type }) => type === contract.type));

/** The names of the fields of a message's data, optional ones with `?`, as its JSON Schema has them. */
function fieldsOf(schema: z.ZodType): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const names = Object.keys(properties).map((name) => `\`${name}${required.includes(name) ? '' : '?'}\``);
  return names.length === 0 ? '-' : names.join(', ');
}

const arrow = ([name, contract]: readonly [string, Contract]): string[] =>
  sendersOf(contract).flatMap((from) =>
    handlersOf(contract).map((to) => `  ${from} ${contract.kind === 'command' ? '-->' : '-.->'}|${name}| ${to}`),
  );

const row = ([, contract]: readonly [string, Contract]): string =>
  [
    `\`${contract.type}\``,
    contract.kind,
    sendersOf(contract).join(', '),
    handlersOf(contract).join(', '),
    fieldsOf(contract.data),
    contract.kind === 'command' ? fieldsOf(contract.reply) : '',
  ].join(' | ');

/** docs/messages.md, from the contracts and from what the services send and handle. */
export const catalogue = (): string => `# Messages

Made from the contracts in \`libs/contracts\`: \`npm run docs:messages\` writes it again, and a test compares it. Each process
serves the messages of its services as AsyncAPI 3 at \`/docs/asyncapi.json\`, with their JSON Schemas; the gateway those of all
services. Messages that a service sends only to itself, and that are not in \`libs/contracts\`, are left out.

## Map

Commands are solid, events are dashed.

\`\`\`mermaid
flowchart LR
${contractsByName.flatMap(arrow).join('\n')}
\`\`\`

## All messages

A field with \`?\` is optional. A command is answered with its reply, or refused with a code and a reason.

| message | kind | sent by | handled by | data | reply |
| --- | --- | --- | --- | --- | --- |
${contractsByName.map((each) => `| ${row(each)} |`).join('\n')}
`;
