import { Injectable } from '@nestjs/common';
import { CodedError } from '@seam/kernel';
import argon2 from 'argon2';
import { PasswordHasher, type VerifyHooks, type Verdict } from '../ports/password-hasher.js';

/** argon2id with OWASP's second recommended set of parameters: 19 MiB, two passes, one lane. */
const PARAMETERS = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Each hashing uses a thread of the pool that file access and DNS share. */
const AT_ONCE = 2;
const MAX_WAITING = 1_000;

async function judge(hash: string, password: string): Promise<Verdict> {
  const composed = password.normalize('NFC');
  if (await argon2.verify(hash, composed)) return argon2.needsRehash(hash, PARAMETERS) ? 'outdated' : 'right';
  // Older hashes were made of the unnormalised password: it may have been typed on a keyboard like this one, or on one
  // that uses the other form.
  const others = new Set([password, password.normalize('NFD')]);
  others.delete(composed);
  for (const spelling of others) if (await argon2.verify(hash, spelling)) return 'outdated';
  return 'wrong';
}

@Injectable()
export class Argon2PasswordHasher extends PasswordHasher {
  private active = 0;
  private readonly waiting: (() => void)[] = [];
  private dummy: Promise<string> | undefined;

  override hash(password: string): Promise<string> {
    return this.limited(() => argon2.hash(password.normalize('NFC'), PARAMETERS));
  }

  override async verify(hash: string | undefined, password: string, hooks?: VerifyHooks): Promise<Verdict> {
    this.dummy ??= argon2.hash('nobody has this password', PARAMETERS);
    const against = hash ?? (await this.dummy);
    return this.limited(async () => {
      await hooks?.before();
      const verdict = await judge(against, password);
      await hooks?.after(verdict !== 'wrong' && hash !== undefined);
      return hash === undefined ? 'wrong' : verdict;
    });
  }

  private async limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.active >= AT_ONCE) {
      if (this.waiting.length >= MAX_WAITING) {
        throw new CodedError('unavailable', 'AUTH.BUSY', 'Too many log-ins at the moment; try again');
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve)); // It gets the place of the one that has ended.
    } else {
      this.active += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.active -= 1;
      else next();
    }
  }
}
