/** Tells passwords that are soon guessed. */
export abstract class PasswordStrength {
  /**
   * Rejects with `USER.PASSWORD_TOO_COMMON` what a guesser tries early (ASVS 5, 6.2.4): common passwords and small changes
   * of them, keys in a row, repetitions, and what is known of the account.
   *
   * @param known e-mail address and name of the account
   */
  abstract check(password: string, known: readonly string[]): Promise<void>;
}
