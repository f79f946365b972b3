/** Failures after which an account is closed to an address, and for how long from the first of them. */
const MOST_FAILURES = 10;
const WINDOW_MS = 15 * 60_000;
/** What a flood of made-up accounts may cost in memory; the oldest go first. */
const MOST_KEYS = 50_000;

interface Failures {
  count: number;
  readonly until: number;
}

/** Counts failed log-ins per account and address, in this process' memory. Successes are never counted. */
export class LoginThrottle {
  private readonly failures = new Map<string, Failures>();

  /** The seconds to wait, or undefined where another attempt is fine. */
  waitSeconds(key: string, now: Date): number | undefined {
    const known = this.failures.get(key);
    if (known === undefined || known.count < MOST_FAILURES || known.until <= now.getTime()) return undefined;
    return Math.ceil((known.until - now.getTime()) / 1000);
  }

  failed(key: string, now: Date): void {
    const known = this.failures.get(key);
    if (known !== undefined && known.until > now.getTime()) {
      known.count += 1;
      return;
    }
    this.failures.delete(key);
    if (this.failures.size >= MOST_KEYS) this.failures.delete(this.failures.keys().next().value ?? key);
    this.failures.set(key, { count: 1, until: now.getTime() + WINDOW_MS });
  }

  succeeded(key: string): void {
    this.failures.delete(key);
  }
}
