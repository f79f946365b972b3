const LOOK_EVERY_MS = 500;

/**
 * Tells when whoever started this process has gone, and would not pass a signal on any more: npm and nest start their
 * programs through shells, which a signal ends without a word to us. Only under npm, where a parent that goes is never
 * meant; a process that a shell left running on purpose stays.
 */
export function whenOrphaned(tell: () => void, environment: NodeJS.ProcessEnv = process.env): void {
  if (environment['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    tell();
  }, LOOK_EVERY_MS);
  looking.unref();
}
