import { DiscoveryError } from './errors.js';

const NAME = /^[a-z][a-z-]*$/;

/**
 * Parses `one-service=http://one:3001,another=http://two:3002|http://three:3002`: for each service the base URLs of its
 * instances, without trailing slashes. Throws `DISCOVERY.PEERS_MALFORMED`, naming the part that is wrong.
 */
export function parsePeers(text: string): Record<string, string[]> {
  const peers: Record<string, string[]> = {};
  for (const entry of text.split(',').map((part) => part.trim())) {
    const [name, urls] = splitOnce(entry);
    if (!NAME.test(name)) throw malformed(entry, 'has no service name before the "="');
    if (name in peers) throw malformed(entry, `names ${name} a second time`);
    peers[name] = urls.split('|').map((url) => baseUrl(url.trim(), entry));
  }
  return peers;
}

function splitOnce(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return at < 0 ? ['', ''] : [entry.slice(0, at).trim(), entry.slice(at + 1)];
}

function baseUrl(text: string, entry: string): string {
  if (!URL.canParse(text)) throw malformed(entry, `has no URL in ${JSON.stringify(text)}`);
  const { protocol, origin, pathname, search, hash, username } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') throw malformed(entry, 'may only name http or https URLs');
  if (pathname !== '/' || search !== '' || hash !== '' || username !== '') {
    throw malformed(entry, `may only name hosts with their ports, such as ${origin}`);
  }
  return origin;
}

const malformed = (entry: string, what: string): DiscoveryError =>
  new DiscoveryError(
    'DISCOVERY.PEERS_MALFORMED',
    `SEAM_PEERS: ${JSON.stringify(entry)} ${what}. It must be like one-service=http://host:3001,another=http://one:3002|http://two:3002`,
  );
