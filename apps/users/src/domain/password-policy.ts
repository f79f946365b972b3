import { CodedError } from '@seam/kernel';

/** The most tried ones of at least eight characters, lower case. Shorter ones are refused for their length. */
const COMMON = new Set(
  (
    '12345678 123456789 1234567890 12345678910 0123456789 87654321 987654321 11111111 00000000 88888888 12341234 ' +
    '11223344 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qazwsxedc asdfghjk ' +
    'asdfghjkl zxcvbnm1 password password1 password12 password123 password1234 passw0rd p@ssw0rd p@ssword iloveyou ' +
    'iloveyou1 sunshine princess football baseball superman batman123 trustno1 starwars whatever michelle jennifer ' +
    'computer internet samantha welcome1 welcome123 letmein1 letmein123 admin123 admin1234 administrator changeme ' +
    'changeme123 abc12345 abcd1234 abcdefgh a1b2c3d4 aa123456 secret123 dragon123 monkey123 master123 shadow123 ' +
    'football1 baseball1 hello123 liverpool corvette mercedes maverick'
  ).split(' '),
);

/** Refuses what a guesser tries first (ASVS 5, 6.2.4): a common one, one character over and over, the account's own name. */
export function checkPassword(password: string, email: string): void {
  const lower = password.toLowerCase();
  const refused = COMMON.has(lower) || new Set(lower).size === 1 || lower === email || lower === email.split('@', 1)[0];
  if (!refused) return;
  throw new CodedError('invalid', 'USER.PASSWORD_TOO_COMMON', 'This password is among the first to be guessed', [
    { path: 'password', message: 'is too easy to guess' },
  ]);
}
