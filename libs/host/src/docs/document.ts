import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { POLICY_EXTENSION, type Policy } from '@seam/security';
import { Problem } from '../http/problem.js';
import type { SystemTexts } from '../system-definition.js';
import { openApiSchema, problemResponse } from './answer.decorator.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Marked = Operation & { [POLICY_EXTENSION]?: Policy['access'] };

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** The OpenAPI document of the services hosted here. */
export function openApiDocument(app: INestApplication, { name, purpose }: SystemTexts): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle(name)
    .setDescription(`${purpose}. Errors are \`application/problem+json\` with a stable \`code\`.`)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .build();
  const document = SwaggerModule.createDocument(app, config, { autoTagControllers: false });
  document.components ??= {};
  document.components.schemas = { ...document.components.schemas, Problem: openApiSchema(Problem) };
  const ids = new Map<string, number>();
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method];
      if (operation !== undefined) path[method] = withOwnId(complete(operation), ids);
    }
  }
  return document;
}

/** Two services of a process may have one library's controller, after which Nest names the operations of both. */
function withOwnId(operation: Operation, ids: Map<string, number>): Operation {
  const { operationId } = operation;
  if (operationId === undefined) return operation;
  const times = (ids.get(operationId) ?? 0) + 1;
  ids.set(operationId, times);
  return times === 1 ? operation : { ...operation, operationId: `${operationId}_${times}` };
}

/** Documents what follows from a route's policy and input, so that no controller has to repeat it. */
function complete(marked: Marked): Operation {
  const { [POLICY_EXTENSION]: access, ...operation } = marked;
  const hasInput = operation.requestBody !== undefined || (operation.parameters ?? []).length > 0;
  const statuses = [
    ...(hasInput ? [400] : []),
    ...(access === 'authenticated' || access === 'staff' ? [401] : []),
    ...(access === 'staff' ? [403] : []),
  ];
  if (access === 'authenticated' || access === 'staff') operation.security = [{ bearer: [] }];
  for (const status of statuses) operation.responses[status] ??= problemResponse(status);
  return operation;
}
