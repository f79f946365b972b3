import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Express } from 'express';
import { createHash } from 'node:crypto';
import type { SystemDefinition } from '../system-definition.js';

/** If a client accepts several types equally, the first is used: so only a client that prefers HTML gets it. */
const TYPES = ['application/json', 'application/problem+json', 'text/html'];

/**
 * `/` for browsers: what this is, and a link to the docs. Any other client gets 404, as at every path without a route.
 * Must run before the application's init, which ends the list of routes.
 */
export function configureHome(
  app: NestExpressApplication,
  system: SystemDefinition,
  services: readonly string[],
): void {
  const page = homePage(system, services);
  const express: Express = app.getHttpAdapter().getInstance();
  express.get('/', (request, response, next) => {
    response.vary('Accept');
    if (request.accepts(TYPES) !== 'text/html') {
      next();
      return;
    }
    response.setHeader('Content-Security-Policy', POLICY);
    response.type('html').send(page);
  });
}

const STYLE = `
:root { color-scheme: light dark; --line: #8885; --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --link: #7cb8ff; } }
body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 38rem; margin: 12vh auto 4rem; padding: 0 1.5rem; }
h1 { font-size: 2.6rem; line-height: 1.1; margin: 0 0 .6rem; letter-spacing: -.02em; }
a { color: var(--link); }
a.docs { display: inline-block; margin: 1rem 0 2rem; padding: .6rem 1.1rem; border: 1px solid currentColor;
  border-radius: .4rem; font-weight: 600; text-decoration: none; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .4rem 1.5rem; border-top: 1px solid var(--line);
  padding-top: 1.2rem; margin: 0; }
dd { margin: 0; }
`;

/** Allows only this style: the page runs no script and loads nothing. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join(';');

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const homePage = (
  { texts: { name, purpose, topics }, sent }: SystemDefinition,
  services: readonly string[],
): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(name)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(name)}</h1>
<p>${escaped(purpose)}. What you have found is its HTTP API: ${escaped(topics)}.</p>
<a class="docs" href="docs">Read the docs and try every route</a>
<dl>
<dt>OpenAPI</dt><dd><a href="docs-json">docs-json</a></dd>
${sent === undefined ? '' : '<dt>AsyncAPI</dt><dd><a href="docs/asyncapi.json">docs/asyncapi.json</a></dd>'}
<dt>Health</dt><dd><a href="health/ready">health/ready</a></dd>
<dt>Metrics</dt><dd><a href="metrics">metrics</a>, for Prometheus</dd>
<dt>In this process</dt><dd>${services.join(', ')}</dd>
</dl>
</main>
</body>
</html>
`;
