import type { Discovery } from '@seam/discovery';
import type { KeySource } from '@seam/security';
import type { Settings } from './settings.js';

/** A store that does not answer is found out in this time, and then it is its service that says so. */
const ANSWER_WITHIN_MS = 2_000;

/** Where a process has the keys from that access tokens are checked with. */
export function keySource(hosted: readonly string[], { jwksUrl }: Settings, discovery: Discovery): KeySource {
  if (jwksUrl !== undefined) return { load: () => keysAt(jwksUrl) };
  return hosted.includes('users') ? {} : { load: () => askUsers(discovery) };
}

type KeySet = Awaited<ReturnType<NonNullable<KeySource['load']>>>;

/** Rejects where no instance of the users service answers: then nothing is known of any token. */
async function askUsers(discovery: Discovery): Promise<KeySet> {
  let last: unknown = 'no instance of users is known';
  for (const { url } of discovery.instances('users')) {
    try {
      return await keysAt(`${url}/.well-known/jwks.json`);
    } catch (error) {
      last = error;
    }
  }
  throw new Error('the keys for access tokens cannot be had', { cause: last });
}

async function keysAt(url: string): Promise<KeySet> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as KeySet;
}
