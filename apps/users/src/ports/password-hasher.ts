/** What happens right before and after the work of one check, with no other beginning in between for its place. */
export interface Turn {
  /** What it throws is passed on, and the work is not done. */
  begin(): void;
  end(matches: boolean): void;
}

/** Hashes passwords at a cost; only a few at a time, the others wait for their turn. */
export abstract class PasswordHasher {
  abstract hash(password: string): Promise<string>;
  /**
   * Whether the password is the hash's; without a hash it takes as long and says no.
   */
  abstract verify(hash: string | undefined, password: string, turn?: Turn): Promise<boolean>;
  /** Whether a hash was made with other parameters than today's. */
  abstract isOutdated(hash: string): boolean;
}
