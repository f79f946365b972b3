/** Hashes passwords at a cost; only a few at a time, the others wait for their turn. */
export abstract class PasswordHasher {
  abstract hash(password: string): Promise<string>;
  /**
   * Whether the password is the hash's; without a hash it takes as long and says no.
   * `onTurn` runs right before the work begins, and what it throws is passed on: for checks that the wait may change.
   */
  abstract verify(hash: string | undefined, password: string, onTurn: () => void): Promise<boolean>;
  /** Whether a hash was made with other parameters than today's. */
  abstract isOutdated(hash: string): boolean;
}
