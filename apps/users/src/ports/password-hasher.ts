/** What happens right before and after the work of one check, with no other beginning in between for its place. */
export interface Turn {
  /** What it throws is passed on, and the work is not done. */
  begin(): void;
  end(matches: boolean): void;
}

/** `outdated`: it is the password, but the hash was made in another way than today's, and should be made anew. */
export type Verdict = 'wrong' | 'right' | 'outdated';

/**
 * Hashes passwords at a cost; only a few at a time, the others wait for their turn. Keyboards spell the same characters
 * in different code points: passwords are compared in Unicode's form NFC.
 */
export abstract class PasswordHasher {
  abstract hash(password: string): Promise<string>;
  /**
   * Whether the password is the hash's, also one that was hashed as it was typed, before passwords were compared in NFC;
   * without a hash it takes as long as for a wrong one and says so.
   */
  abstract verify(hash: string | undefined, password: string, turn?: Turn): Promise<Verdict>;
}
