import type { INestApplication, Type } from '@nestjs/common';
import { SwaggerModule } from '@nestjs/swagger';
import type { SystemTexts } from '../system-definition.js';
import type { ApiDocument } from './api-document.js';
import { openApiDocument } from './document.js';

/**
 * `/docs` and `/docs-json`. The document is made at the first request, completed at every request by the service that
 * has more to show, and everything the page loads comes from here. Must run before the application's init, which ends
 * the list of routes.
 */
export function configureDocs(app: INestApplication, texts: SystemTexts, more: Type<ApiDocument> | undefined): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app, texts), {
    customSiteTitle: texts.name,
    swaggerOptions: { validatorUrl: null, persistAuthorization: true, displayRequestDuration: true },
    ...(more === undefined
      ? {}
      : { patchDocumentOnRequest: (_request, _response, own) => app.get(more, { strict: false }).complete(own) }),
  });
}
