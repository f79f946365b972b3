import type { INestApplication } from '@nestjs/common';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ApiDocument } from './api-document.js';
import { openApiDocument } from './document.js';

/**
 * `/docs` and `/docs-json`. The document is made when first asked for, and everything the page loads comes from here.
 * Must run before the application's init, which ends the list of routes.
 */
export function configureDocs(app: INestApplication): void {
  let complete: ((own: OpenAPIObject) => Promise<OpenAPIObject>) | undefined;
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    customSiteTitle: 'Seam',
    swaggerOptions: { validatorUrl: null, persistAuthorization: true, displayRequestDuration: true },
    patchDocumentOnRequest: (_request, _response, own) => {
      complete ??= completionOf(app);
      return complete(own);
    },
  });
}

function completionOf(app: INestApplication): (own: OpenAPIObject) => Promise<OpenAPIObject> {
  try {
    const document = app.get(ApiDocument, { strict: false });
    return (own) => document.complete(own);
  } catch {
    return (own) => Promise.resolve(own); // No service here has more to show.
  }
}
