/**
 * Limits retries: each call adds a tenth of a retry, and at most ten are saved. So over a
 * hundred calls or more there are at most 1.2 attempts for each, and a failing dependency does not get much more load,
 * while at any time a few calls may be moved from an instance that has just ended to another. (Finagle's
 * RetryBudget, with counts instead of its time-to-live.)
 */
export class RetryBudget {
  private saved: number;

  constructor(
    private readonly perCall = 0.1,
    private readonly most = 10,
  ) {
    this.saved = most;
  }

  /** Must be called once per call. */
  earn(): void {
    this.saved = Math.min(this.most, this.saved + this.perCall);
  }

  /** Whether one more attempt is allowed; if so, it is deducted. */
  spend(): boolean {
    if (this.saved < 1) return false;
    this.saved -= 1;
    return true;
  }
}
