import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Headers of one connection and not of the message (RFC 9110, 7.6.1), or headers that the gateway sets itself on the
 * next connection.
 */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Headers that only this gateway may set: who the caller is and where it comes from, as proxies and their
 * authentication set them. A client could forge them, so they are not passed on. They are listed by whole names,
 * because a prefix would also match headers with another meaning.
 */
const OURS = new Set([
  ...['authorization', 'forwarded', 'host', 'traceparent', 'via'],
  ...['x-trace-id', 'x-seam-service', 'x-seam-caller', 'x-internal-call', 'x-internal-service'],
  ...['', '-id', '-name', '-email', '-role', '-roles', '-groups', '-scopes'].flatMap((what) => [
    `x-user${what}`,
    `x-seam-user${what}`,
    `x-remote-user${what}`,
    `x-authenticated-user${what}`,
    `x-forwarded-user${what}`,
    `x-auth-request-user${what}`,
  ]),
  ...[
    'remote-user',
    'remote-name',
    'remote-email',
    'remote-groups',
    'x-authenticated-userid',
    'x-authenticated-groups',
  ],
  ...['x-auth-request-email', 'x-auth-request-groups', 'x-auth-request-preferred-username'],
  ...['x-forwarded-email', 'x-forwarded-groups', 'x-forwarded-preferred-username', 'x-forwarded-access-token'],
  ...[
    'for',
    'host',
    'proto',
    'protocol',
    'scheme',
    'ssl',
    'port',
    'server',
    'by',
    'prefix',
    'path',
    'uri',
    'method',
  ].map((what) => `x-forwarded-${what}`),
  ...['x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'x-remote-ip', 'x-remote-addr', 'true-client-ip'],
  ...['x-original-url', 'x-original-uri', 'x-original-host', 'x-original-method', 'x-original-forwarded-for'],
  ...['x-rewrite-url', 'x-client-cert', 'x-client-verify'],
]);

const NONE: ReadonlySet<string> = new Set();

/** The options that a Connection header names: they apply only to this connection, too. */
function namedBy(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return NONE;
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
}

/** Servers that turn headers into variables treat `_` and `-` as the same. */
const isOurs = (name: string): boolean => OURS.has(name.includes('_') ? name.replaceAll('_', '-') : name);

/**
 * The headers of a request to a service, as alternating names and values: the client's, and the gateway's own about the
 * client's origin.
 */
export function requestHeaders(request: IncomingMessage, traceparent: string): string[] {
  const { rawHeaders, headers, socket } = request;
  const named = namedBy(headers.connection);
  const passed: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (HOP_BY_HOP.has(name) || isOurs(name) || (named !== NONE && named.has(name) && name !== 'content-length'))
      continue;
    passed.push(name, rawHeaders[at + 1] ?? '');
  }
  // If the header is repeated, Node uses the first one: this is the one that was checked, so it is the one that is
  // passed on.
  if (headers.authorization !== undefined) passed.push('authorization', headers.authorization);
  passed.push('traceparent', traceparent, 'x-forwarded-for', socket.remoteAddress ?? '');
  passed.push('x-forwarded-proto', isEncrypted(socket) ? 'https' : 'http');
  if (headers.host !== undefined) passed.push('x-forwarded-host', headers.host);
  return passed;
}

const isEncrypted = (socket: Socket): boolean => (socket as { encrypted?: boolean }).encrypted === true;

/** The headers of an answer to the client, as alternating names and values, including the trace's id. */
export function responseHeaders(headers: IncomingHttpHeaders, traceId: string): string[] {
  const named = namedBy(headers.connection);
  const passed: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || name === 'x-trace-id' || HOP_BY_HOP.has(name)) continue;
    if (named !== NONE && named.has(name) && name !== 'content-length') continue;
    if (typeof value === 'string') passed.push(name, value);
    else for (const one of value) passed.push(name, one);
  }
  passed.push('x-trace-id', traceId);
  return passed;
}
