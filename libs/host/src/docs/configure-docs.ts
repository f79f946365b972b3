import type { INestApplication } from '@nestjs/common';
import { SwaggerModule } from '@nestjs/swagger';
import { openApiDocument } from './document.js';

/**
 * `/docs` and `/docs-json`. The document is made when first asked for, and everything the page loads comes from here.
 * Must run before the application's init, which ends the list of routes.
 */
export function configureDocs(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    customSiteTitle: 'Seam',
    swaggerOptions: { validatorUrl: null, persistAuthorization: true, displayRequestDuration: true },
  });
}
