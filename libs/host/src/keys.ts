import type { Discovery } from '@seam/discovery';
import type { KeySource } from '@seam/security';
import type { Settings } from './settings.js';

const ANSWER_WITHIN_MS = 3_000;

/** Where a process has the keys from that access tokens are checked with. */
export function keySource(hosted: readonly string[], { jwksUrl }: Settings, discovery: Discovery): KeySource {
  if (jwksUrl !== undefined) return { jwksUrl };
  return hosted.includes('users') ? {} : { load: () => askUsers(discovery) };
}

/** Rejects where no instance of the users service answers: then nothing is known of any token. */
async function askUsers(discovery: Discovery): ReturnType<NonNullable<KeySource['load']>> {
  let last: unknown = 'no instance of users is known';
  for (const { url } of discovery.instances('users')) {
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const response = await fetch(`${url}/.well-known/jwks.json`, { signal });
      if (response.ok) return (await response.json()) as Awaited<ReturnType<typeof askUsers>>;
      last = new Error(`status ${response.status}`);
    } catch (error) {
      last = error;
    }
  }
  throw new Error('the keys for access tokens cannot be had', { cause: last });
}
