/**
 * Counts failed log-ins per account and address, in one place for all processes. Ten failures close the account to that
 * address for the rest of the fifteen minutes that the first of them began. Successes are never counted.
 */
export abstract class LoginThrottle {
  /** The seconds to wait, or undefined where another attempt is fine. */
  abstract waitSeconds(key: string): Promise<number | undefined>;

  abstract failed(key: string): Promise<void>;

  /** Forgets the failures. */
  abstract succeeded(key: string): Promise<void>;
}
