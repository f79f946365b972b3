/**
 * A reporter for Jest that fails a run which does not end by itself. Jest waits for everything that a test has left
 * open, such as a socket or a timer, and would wait for ever. `forceExit` would hide such a leak; this one names what
 * is open, and exits with 1.
 */
export default class ExitReporter {
  readonly #withinMs: number;
  readonly #watching: boolean;

  constructor(
    global: { readonly watch: boolean; readonly watchAll: boolean },
    options?: { readonly withinMs?: number },
  ) {
    this.#withinMs = options?.withinMs ?? 60_000; // The global tear-down, which removes containers, is part of it.
    this.#watching = global.watch || global.watchAll;
  }

  onRunComplete(): void {
    if (this.#watching) return;
    // The second timer is for a tear-down that has blocked the event loop for all that time: after it, a run ends at
    // once.
    const blocked = Math.min(this.#withinMs, 5_000);
    setTimeout(() => setTimeout(() => this.#fail(), blocked).unref(), this.#withinMs).unref();
  }

  #fail(): void {
    const open = process.getActiveResourcesInfo().join(', ');
    process.stderr.write(
      `Jest has not ended within ${this.#withinMs / 1_000} s after the last test. Still open: ${open}. ` +
        'Run the test files one by one, with --detectOpenHandles, to find out which one leaves it open.\n',
    );
    process.exit(1);
  }
}
