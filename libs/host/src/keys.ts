import type { Discovery } from '@seam/discovery';
import type { Settings } from '@seam/process';
import type { KeySource } from '@seam/security';
import type { KeyService } from './system-definition.js';

/** A store that does not answer is found out in this time, and then it is its service that says so. */
const ANSWER_WITHIN_MS = 2_000;

/** Where a process has the keys from that access tokens are checked with. */
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

/** Rejects where no instance of the service answers: then nothing is known of any token. */
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
