/** Called right before and right after one password is verified, once it has got one of the few places. */
export interface VerifyHooks {
  /** If it rejects, the password is not verified, and the error is passed on. */
  before(): Promise<void>;
  after(matches: boolean): Promise<void>;
}

/** `outdated`: the password is right, but its hash was made with other parameters than today's and should be replaced. */
export type Verdict = 'wrong' | 'right' | 'outdated';

/**
 * Hashes passwords, which is expensive on purpose: only a few at a time, the others wait. Keyboards encode the same
 * character by different code points, so passwords are compared in Unicode's form NFC.
 */
export abstract class PasswordHasher {
  abstract hash(password: string): Promise<string>;
  /**
   * Compares a password with a hash, also with one made before passwords were normalised to NFC. Without a hash the answer
   * is `wrong`, after as long as a wrong password takes.
   */
  abstract verify(hash: string | undefined, password: string, hooks?: VerifyHooks): Promise<Verdict>;
}
