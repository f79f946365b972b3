import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Security headers on every answer. Scripts and styles only from here, which is all Swagger UI needs beside its inline
 * style; no `upgrade-insecure-requests`, which would break plain http on localhost.
 */
export const securityHeaders = (): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
  });
