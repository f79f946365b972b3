import { ZxcvbnPasswordStrength } from './zxcvbn-password-strength.js';

const strength = new ZxcvbnPasswordStrength();
const known = ['ada.lovelace@example.org', 'Ada Lovelace'];

it.each([
  ['common', 'Password123'],
  ['common, with a digit more', 'iloveyou123'],
  ['common, in leet', 'p@ssw0rd'],
  ['keys in a row', 'qwertyuiop'],
  ['keys up and down', '1q2w3e4r5t'],
  ['one character', 'aaaaaaaaaaaa'],
  ['a repetition', 'abcabcabcabcabc'],
  ['a long repetition', 'ab'.repeat(64)],
  ['the address', 'ada.lovelace@example.org'],
  ['the first part of the address', 'ada.lovelace'],
  ['the name', 'lovelace1'],
])('refuses %s', async (_, password) => {
  await expect(strength.check(password, known)).rejects.toMatchObject({
    kind: 'invalid',
    code: 'USER.PASSWORD_TOO_COMMON',
  });
});

it.each(['correct horse battery', 'Tr0ub4dor&3', 'пароль из трёх слов', 'よくできたパスワード', '🔑🐴🔋🪡🌊🗻🎻🧵'])(
  'takes %s',
  async (password) => {
    await expect(strength.check(password, known)).resolves.toBeUndefined();
  },
);
