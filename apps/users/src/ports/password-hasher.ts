/** Called right before and right after a password is verified; `before` only when the verification really begins. */
export interface VerifyHooks {
  /** If it rejects, the password is not verified, and the error is passed on. */
  before(): Promise<void>;
  after(matches: boolean): Promise<void>;
}

/** `outdated`: the password is right, but its hash was made with older parameters and should be replaced. */
export type Verdict = 'wrong' | 'right' | 'outdated';

/**
 * Hashes passwords. This is expensive on purpose, so only a few run at a time, and the others wait. Keyboards encode
 * the same character with different code points, so passwords are compared in Unicode's form NFC.
 */
export abstract class PasswordHasher {
  abstract hash(password: string): Promise<string>;
  /**
   * Compares a password with a hash, which may have been made before passwords were normalised to NFC. Without a hash,
   * the answer is `wrong`, after the same time as for a wrong password.
   */
  abstract verify(hash: string | undefined, password: string, hooks?: VerifyHooks): Promise<Verdict>;
}
