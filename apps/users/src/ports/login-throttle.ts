/**
 * Counts failed log-ins per account and address, for all processes together. After ten failures, the account refuses
 * that address for the rest of the fifteen minutes that began with the first failure. Successful log-ins are never
 * counted.
 */
export abstract class LoginThrottle {
  /** The seconds to wait, or undefined if another attempt is allowed. */
  abstract waitSeconds(key: string): Promise<number | undefined>;

  abstract failed(key: string): Promise<void>;

  /** Deletes the failures. */
  abstract succeeded(key: string): Promise<void>;
}
