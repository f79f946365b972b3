const CHECK_INTERVAL_MS = 500;

/**
 * Detects that the parent of this process has ended and cannot forward signals any more: npm and nest start their programs
 * through shells, which a signal ends without reaching this process. Only under npm, where the end of the parent is never
 * intended; a process that a shell left running on purpose continues.
 */
export function whenOrphaned(onOrphaned: () => void, environment: NodeJS.ProcessEnv = process.env): void {
  if (environment['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onOrphaned();
  }, CHECK_INTERVAL_MS);
  timer.unref();
}
