import { signatureOf } from '../../apps/payments/src/features/receive-webhook/webhook-signature.js';
import type { Api, Answer } from './api.js';

/** The values for the parameters in the paths. */
export interface Given {
  readonly orderId: string;
  readonly sagaId: string;
}

/** A route of the OpenAPI document, with a request that its service accepts. */
export interface DocumentedRoute {
  readonly method: string;
  /** `GET /api/orders/{id}` */
  readonly name: string;
  readonly path: string;
  /** The tag of its part: a service's name, `sagas` or `operations`. */
  readonly tag: string;
  readonly body: unknown;
}

interface Media {
  readonly schema?: { readonly example?: unknown };
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Operation {
  readonly tags: readonly string[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
}

export const WEBHOOK_SECRET = 'a-secret-of-webhooks';

/** Every route that the shop documents, with the request of its examples. */
export async function documentedRoutes(shop: Api, given: Given): Promise<DocumentedRoute[]> {
  const { paths } = (await shop.get('/docs-json')).body as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([lower, operation]) => {
      const method = lower.toUpperCase();
      const name = `${method} ${template}`;
      return { method, name, path: filled(template, given), tag: operation.tags[0] ?? '', body: exampleOf(operation) };
    }),
  );
}

/** Sends the request, with a signature if the route needs one. */
export function ask(api: Api, { method, path, body }: DocumentedRoute): Promise<Answer> {
  const headers: Record<string, string> = {};
  if (path.includes('/webhooks/')) {
    const bytes = Buffer.from(JSON.stringify(body));
    headers['x-seam-signature'] = signatureOf(bytes, WEBHOOK_SECRET, Math.floor(Date.now() / 1_000));
  }
  return api.call(method, path, body, headers);
}

function filled(template: string, { orderId, sagaId }: Given): string {
  const values: Record<string, string> = {
    sku: 'MUG-BLUE',
    provider: 'fake',
    orderId,
    messageId: '0198a7c2-5b1e-7c3d-8f6a-2b9d4e1c7a50',
    action: 'run-now',
    step: 'reserve-stock',
    id: template.startsWith('/api/sagas') ? sagaId : orderId,
  };
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${template}: nothing stands for ${name}`);
    return value;
  });
}

function exampleOf({ requestBody }: Operation): unknown {
  const media = requestBody?.content['application/json'];
  return media?.schema?.example ?? media?.example ?? Object.values(media?.examples ?? {})[0]?.value;
}
