import type { Discovery } from '@seam/discovery';
import type { Settings } from '@seam/process';
import type { KeySource } from '@seam/security';
import type { KeyService } from './system-definition.js';

/** Longer than a service needs to detect that its store does not answer, so that the service itself reports it. */
const ANSWER_WITHIN_MS = 2_000;

/** The source of the keys that verify access tokens. */
export function keySource(
  issuer: KeyService | undefined,
  hosted: readonly string[],
  { jwksUrl }: Settings,
  discovery: Discovery,
): KeySource {
  if (jwksUrl !== undefined) return { load: () => keysAt(jwksUrl) };
  return issuer === undefined || hosted.includes(issuer.service) ? {} : { load: () => askFor(issuer, discovery) };
}

type KeySet = Awaited<ReturnType<NonNullable<KeySource['load']>>>;

/** Rejects if no instance of the service answers; until one does, no token can be verified. */
async function askFor({ service, path }: KeyService, discovery: Discovery): Promise<KeySet> {
  let last: unknown = `no instance of ${service} is known`;
  for (const { url } of discovery.instances(service)) {
    try {
      return await keysAt(`${url}${path}`);
    } catch (error) {
      last = error;
    }
  }
  throw new Error('the keys for access tokens are not available', { cause: last });
}

async function keysAt(url: string): Promise<KeySet> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as KeySet;
}
