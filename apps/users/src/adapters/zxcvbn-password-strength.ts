import { Injectable } from '@nestjs/common';
import { CodedError } from '@seam/kernel';
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { PasswordStrength } from '../ports/password-strength.js';

/** On a scale of 0 to 4: a score of 2 means more than a million guesses. */
const LEAST_SCORE = 2;
/**
 * Maximum number of characters to check. The time grows with every repetition, up to 0.1 s of the event loop for 128.
 */
const MAX_CHECKED = 40;

/**
 * Uses zxcvbn with its list of common passwords, but without dictionaries of languages, because passwords made of
 * sentences are welcome. Needs about 25 MB, loaded when the first account is opened.
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
    maxLength: MAX_CHECKED,
  });
}
