import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Express } from 'express';
import type { SystemDefinition } from '../system-definition.js';
import { asyncApiDocument } from './async-api.js';

/**
 * `/docs/asyncapi.json`: the messages of these services, if the system says what its services send. The document is made at
 * the first request. Must run before the docs, which answer every other path below `/docs`.
 */
export function configureAsyncApi(
  app: NestExpressApplication,
  system: SystemDefinition,
  services: readonly string[],
): void {
  const { sent } = system;
  if (sent === undefined) return;
  let json: string | undefined;
  const express: Express = app.getHttpAdapter().getInstance();
  express.get('/docs/asyncapi.json', (_request, response) => {
    json ??= JSON.stringify(asyncApiDocument({ ...system, sent }, services));
    response.type('application/json').send(json);
  });
}
