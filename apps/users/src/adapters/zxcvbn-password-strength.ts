import { Injectable } from '@nestjs/common';
import { CodedError } from '@seam/kernel';
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { PasswordStrength } from '../ports/password-strength.js';

/** Of 0 to 4: from 2 on it takes more than a million guesses. */
const LEAST_SCORE = 2;
/** Characters that count. Repetitions take longer with every one, up to 0.1 s of the event loop for 128. */
const JUDGED = 40;

/**
 * By zxcvbn with its list of common passwords, without words of languages: sentences are wanted. Some 25 MB, loaded when
 * the first account is opened.
 */
@Injectable()
export class ZxcvbnPasswordStrength extends PasswordStrength {
  private loaded: Promise<ZxcvbnFactory> | undefined;

  override async check(password: string, known: readonly string[]): Promise<void> {
    const zxcvbn = await (this.loaded ??= load());
    const inputs = known.flatMap((one) => [one, ...one.split(/[@\s]+/)]);
    const { score } = zxcvbn.check(password, inputs);
    if (score >= LEAST_SCORE) return;
    throw new CodedError('invalid', 'USER.PASSWORD_TOO_COMMON', 'This password is too easy to guess', [
      { path: 'password', message: 'is too easy to guess' },
    ]);
  }
}

async function load(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return new ZxcvbnFactory({
    dictionary: { 'passwords-common': dictionary['passwords-common'] },
    graphs: adjacencyGraphs,
    maxLength: JUDGED,
  });
}
