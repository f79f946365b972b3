/** Recognises passwords that are easy to guess. */
export abstract class PasswordStrength {
  /**
   * Rejects with `USER.PASSWORD_TOO_COMMON` for passwords that an attacker tries early (ASVS 5, 6.2.4): common
   * passwords and small variations of them, adjacent keys, repetitions, and data of the account.
   *
   * @param known e-mail address and name of the account
   */
  abstract check(password: string, known: readonly string[]): Promise<void>;
}
